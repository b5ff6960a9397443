#!/bin/sh
# Stands in for kubectl where there is no cluster: takes what the guide types, looks whether the folders and objects that
# are named are there, and passes on manifests as `kubectl kustomize` and `-f -` do. test/kubernetes.test.ts checks the
# manifests themselves.
set -eu
fail() { echo "kubectl: $*" >&2; exit 1; }
folder() { [ -f "$1/kustomization.yaml" ] || fail "$1 has no kustomization.yaml"; }
job() { case $1 in job/energy-pipeline | job/busbar-command) ;; *) fail "there is no $1" ;; esac; }
if [ "$1" = -n ]; then
  [ "$2" = busbar ] || fail "there is no namespace $2"
  shift 2
fi
case "$*" in
  "apply -k "*) folder "$3" ;;
  "replace --force -k "*) folder "$4" ;;
  "replace --force -f -")
    manifests=$(cat)
    case $manifests in *COMMAND* | *"- RUN"*) fail "words are not filled in: $manifests" ;; esac
    case $manifests in *"kind: Job"*) ;; *) fail "no Job comes in" ;; esac
    ;;
  "kustomize "*)
    folder "$2"
    # The two words of the patch, as kustomize writes a list.
    printf 'kind: Job\nspec:\n  template:\n    spec:\n      containers:\n      - args:\n'
    sed -n 's/.*containers\/0\/args, value: \[\(.*\), \(.*\)\].*/        - \1\n        - \2/p' "$2/kustomization.yaml"
    ;;
  "logs -f "*) job "$3" ;;
  "exec "*)
    job "$2"
    [ "$3" = -- ] || fail "$3 is no --"
    [ "$4" = /usr/local/bin/node ] && [ "$5" = /app/busbar.mjs ] || fail "$4 $5 is not in the image"
    ;;
  *) fail "not known here: $*" ;;
esac
