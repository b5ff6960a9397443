#!/bin/sh
# What Busbar finds in PATH as the engine's client: the real one (AIM_CLIENT), except that it kills Busbar, once, at
# the moment that is aimed at (aim.ts). As clients do, it lives on by itself, unless it dies with it.
verb=$1
[ "$verb" = container ] && verb=$2
case " $AIM_VERBS " in *" $verb "*) ;; *) exec "$AIM_CLIENT" "$@" ;; esac
case "$*" in *"$AIM_WORD"*) ;; *) exec "$AIM_CLIENT" "$@" ;; esac

# Of clients at the same time only one makes a folder.
nth=1
until mkdir "$AIM_FOLDER/$nth" 2>/dev/null; do
  nth=$((nth + 1))
  [ "$nth" -gt 100 ] && exec "$AIM_CLIENT" "$@"
done
[ "$nth" -eq "$AIM_NTH" ] || exec "$AIM_CLIENT" "$@"

strike() {
  # Nobody else, should Busbar have gone by itself.
  tr '\0' ' ' <"/proc/$PPID/cmdline" | grep -q -e "$AIM_RUN" && kill -9 "$PPID"
  # All of its process group, the real client among them.
  [ "$AIM_TAKES_CLIENT" = yes ] && kill -9 -$$
}

case $AIM_WHEN in
before)
  strike
  sleep "$AIM_DELAY"
  exec "$AIM_CLIENT" "$@"
  ;;
during)
  "$AIM_CLIENT" "$@" &
  while kill -0 $! && [ "$(grep -c ^begin "$AIM_LOG")" -le "$(grep -c ^end "$AIM_LOG")" ]; do sleep 0.02; done
  sleep "$AIM_DELAY"
  strike
  wait
  ;;
after)
  "$AIM_CLIENT" "$@"
  strike
  ;;
esac
