/**
 * Every error Busbar can report: one closed table, append-only, because codes
 * stand in journals and in other people's scripts. docs/reference/errors.md is
 * kept equal to it by a test.
 *
 * Exit codes (semantics.md): 1 the run failed after a node was called · 2 wrong
 * usage · 10-19 the file · 20-29 a service, before any node was called · 30-39
 * the journal · 70 our own bug · 71 no process for
 * --detach · 74 stdout could not be written · 130 cancelled · 40-49 the server
 * that the command speaks to.
 */
export interface ErrorEntry {
  /** What it means, as a sentence for a person. */
  readonly meaning: string;
  /** What to do now. */
  readonly remedy: string;
  /** Who may try again: Busbar itself under a retry policy, the person after acting on the remedy, or nobody. */
  readonly retry: "busbar" | "person" | "nobody";
  readonly exitCode: number;
}

const entry = (exitCode: number, retry: ErrorEntry["retry"], meaning: string, remedy: string): ErrorEntry => ({
  meaning,
  remedy,
  retry,
  exitCode,
});

/** The table itself, by code. */
export const ERRORS = {
  // 2: wrong usage
  USAGE: entry(
    2,
    "person",
    "The command line, or an argument of a function, is not one Busbar understands.",
    "See `busbar --help` or `busbar COMMAND --help`; of a function, its documentation.",
  ),
  NODE_TOO_OLD: entry(2, "person", "This Node.js is too old.", "Install Node.js 24 or newer."),
  FILE_TYPE_UNKNOWN: entry(
    2,
    "person",
    "The file's name does not say what it is.",
    "Name the workflow file .json, .yaml or .yml.",
  ),
  RUN_NOT_FOUND: entry(
    2,
    "person",
    "No run has this id in this state directory, at this server or on this cluster.",
    "List the runs with `busbar runs`; check where you look: --state-dir, --server, or --ingress and --admin.",
  ),
  RUN_AMBIGUOUS: entry(
    2,
    "person",
    "Several runs begin with what was given for the run.",
    "Give more of its id; `busbar runs` lists them.",
  ),
  RUN_EXISTS: entry(2, "person", "A run with this id exists already.", "Choose another --run-id, or leave it out."),
  RUN_ID_INVALID: entry(
    2,
    "person",
    "A run id is 1-64 letters, digits, dots, dashes or underscores and starts with a letter or digit.",
    "Choose another --run-id, or leave it out.",
  ),
  RUN_ALREADY_SUCCEEDED: entry(
    2,
    "nobody",
    "The run has succeeded; there is nothing to resume.",
    "Start a new run with `busbar run FILE`.",
  ),
  RUN_ALREADY_ENDED: entry(
    2,
    "nobody",
    "The run has ended; nothing can be asked of it any more.",
    "Look at it with `busbar show RUN`.",
  ),
  TOKEN_NOT_FOUND: entry(
    2,
    "person",
    "No token has this id in this state directory.",
    "List the tokens with `busbar token list`; check --state-dir.",
  ),
  RERUN_NOTHING: entry(
    2,
    "person",
    "Nothing of the run would be run again.",
    "Name the nodes that are to run again with all that depends on them: --from NODE.",
  ),
  RERUN_NODE_UNKNOWN: entry(
    2,
    "person",
    "A rerun is to begin with a node that does not exist.",
    "Mend the name after --from.",
  ),
  RUN_NOT_PAUSED: entry(2, "nobody", "The run is not paused.", "Look at it with `busbar show RUN`."),
  RECOVERED_IN_VAIN: entry(
    2,
    "person",
    "A server took the run over three times, and ended each time before any attempt of the run did.",
    "Find out whether the run ended it (its memory, its log); then go on with `busbar resume RUN`, or cancel it.",
  ),
  REQUEST_SUPERSEDED: entry(
    2,
    "person",
    "The run was resumed after this was asked of it.",
    "Ask again, if you still want it.",
  ),
  REQUEST_UNKNOWN: entry(
    2,
    "nobody",
    "The process that owns the run does not know this kind of request.",
    "Ask with the version of Busbar that drives the run.",
  ),
  ADDRESS_UNAVAILABLE: entry(
    2,
    "person",
    "A server cannot listen on its address.",
    "Choose another host or port (0 takes a free one), or stop what listens there.",
  ),
  WORKING_DIRECTORY_GONE: entry(
    2,
    "person",
    "The working directory has been removed, or its path cannot be read.",
    "Change to another directory, or give absolute paths (the file, --state-dir).",
  ),
  POLICY_INVALID: entry(
    2,
    "person",
    "The host's policy cannot be read, or says what no policy can say.",
    "Mend it as the message says; `busbar schema --policy` prints what it may hold.",
  ),
  ARTIFACT_NOT_FOUND: entry(
    2,
    "person",
    "The node has made no file, or it is not there any more.",
    "Look at the node with `busbar show RUN`; where its file should be there, whether --data-dir of the server leads to it.",
  ),
  ARTIFACT_REFUSED: entry(
    2,
    "person",
    "What the node names as its file is not shown: it lies under none of the server's --data-dir, behind a link, or is no regular file.",
    "Start the server with --data-dir PREFIX=DIR for what nodes name under PREFIX; put the file itself where the link is.",
  ),
  ARTIFACT_NO_ROWS: entry(
    2,
    "person",
    "Rows can be had of CSV files alone, and not of the far end of a very large one.",
    "Fetch the file as a whole, or a range of its bytes.",
  ),
  ARTIFACT_CHANGED: entry(2, "person", "The file was changed while it was read.", "Ask again."),
  ADDRESS_NOT_NAMED: entry(
    2,
    "person",
    "No stored workflow and no run that goes on names a service at this address.",
    "Give an address as it stands in a workflow file; others are not looked at.",
  ),
  IDEMPOTENCY_KEY_USED: entry(
    2,
    "person",
    "A run was started with this idempotency key already, and something else was asked for then.",
    "Use a new key for each start, and the same one only to ask for the very same start again.",
  ),
  RUN_QUEUE_FULL: entry(
    2,
    "person",
    "As many runs as the workflow's file allows at once have not ended, and it says that no more are to be made then.",
    "Try again when one has ended, or let the file say `when_full: queue`.",
  ),
  // 10-19: the workflow file, no run was made
  WORKFLOW_NOT_FOUND: entry(
    10,
    "person",
    "The workflow file does not exist or cannot be read.",
    "Check the path and its permissions.",
  ),
  WORKFLOW_TOO_LARGE: entry(11, "person", "The workflow file is larger than 32 MiB.", "Split the workflow."),
  WORKFLOW_TOO_DEEP: entry(
    11,
    "person",
    "The workflow file is nested deeper than 100 levels.",
    "A workflow needs fewer than ten; look for a generator gone wrong.",
  ),
  WORKFLOW_TOO_COSTLY: entry(
    11,
    "person",
    "The YAML takes too much time or memory to read.",
    "Write it as JSON, which has no such limit.",
  ),
  WORKFLOW_SYNTAX: entry(11, "person", "The file is not valid JSON or YAML.", "Mend the text at the place shown."),
  WORKFLOW_DUPLICATE_KEY: entry(12, "person", "A key stands twice in the same object.", "Remove one of them."),
  WORKFLOW_UNKNOWN_KEY: entry(
    12,
    "person",
    "The key is not known here.",
    "Remove it, mend its spelling, or start it with x- if it is your own.",
  ),
  WORKFLOW_FORBIDDEN_KEY: entry(12, "nobody", "The key could harm the program that reads it.", "Rename it."),
  WORKFLOW_MISSING_KEY: entry(12, "person", "A key that is needed is missing.", "Add it."),
  WORKFLOW_WRONG_TYPE: entry(12, "person", "The value has the wrong type.", "Write the type that the message names."),
  WORKFLOW_INVALID_VALUE: entry(12, "person", "The value is not allowed.", "Mend it as the message says."),
  WORKFLOW_UNKNOWN_NODE: entry(13, "person", "A node is named that does not exist.", "Mend the name, or add the node."),
  WORKFLOW_UNKNOWN_SERVICE: entry(
    13,
    "person",
    "A node has no address in service_registry.",
    "Add the service to service_registry, or name one that is there with `service`.",
  ),
  WORKFLOW_DUPLICATE_NODE: entry(13, "person", "Two nodes have the same id.", "Rename one of them."),
  WORKFLOW_DUPLICATE_EDGE: entry(13, "person", "The same edge is written twice from one end.", "Remove one of them."),
  WORKFLOW_ID_MISMATCH: entry(
    13,
    "person",
    "The id of a node differs from its key.",
    "Make them equal, or leave id out.",
  ),
  WORKFLOW_CYCLE: entry(
    13,
    "person",
    "The nodes depend on each other in a circle.",
    "Remove one of the edges that the message names.",
  ),
  WORKFLOW_UNREACHABLE_NODE: entry(
    13,
    "person",
    "No start node reaches the node.",
    "Link it with next_node or depends_on, add it to start_node, or put it away under a key of your own (x-unused).",
  ),
  WORKFLOW_START_HAS_UPSTREAM: entry(
    13,
    "person",
    "A start node depends on another node.",
    "Remove the edge, or the name from start_node.",
  ),
  PARAM_UNKNOWN: entry(
    14,
    "person",
    "A parameter was given that the workflow does not declare.",
    "Mend its name, or declare it under params.",
  ),
  PARAM_MISSING: entry(
    14,
    "person",
    "A parameter without a default was not given.",
    "Give it with --param NAME=VALUE.",
  ),
  PARAM_REPEATED: entry(14, "person", "A parameter was given twice.", "Give it once."),
  PARAM_INVALID: entry(
    14,
    "person",
    "A parameter's value is not of its type, or reading it as that would change it.",
    "Give it as the message says.",
  ),
  REFERENCE_INVALID: entry(
    15,
    "person",
    "What stands in ${…} is not a reference that is allowed here.",
    "Use ${params.NAME}, ${run.id} or ${run.started_at}; ${env.NAME} in service metadata and container env only; $${ for a literal ${.",
  ),
  WORKFLOW_MISSING_VOLUME: entry(
    16,
    "person",
    "A docker command mounts no volume.",
    "Add -v HOST_DIR:/data (or --volume, --mount) to the docker run line.",
  ),
  WORKFLOW_SHELL_SYNTAX: entry(
    13,
    "person",
    "A command has something in it that only a shell understands; Busbar runs commands without one.",
    "Write one plain docker run line with quotes where they are needed, or use the form docker: { image, args, … }.",
  ),
  WORKFLOW_NOT_ALLOWED: entry(
    13,
    "person",
    "A container asks for power over the machine it runs on.",
    "Leave it out, or allow it by name in the file: docker: { allow: [...] }.",
  ),
  WORKFLOW_SECRET_PLAINTEXT: entry(
    17,
    "person",
    "A secret from the environment would travel unencrypted.",
    "Add tls to the service, or allow_plaintext: true if the network is trusted.",
  ),
  RESUME_FILE_DIFFERS: entry(
    18,
    "person",
    "The changed file changes nodes that have already succeeded.",
    "Undo those changes, or start a new run.",
  ),
  RERUN_DIFFERS: entry(
    18,
    "person",
    "What the new run would keep of the old one is not the same.",
    "Undo those changes, or let those nodes run again: --from NODE.",
  ),
  WORKFLOW_MERGE_KEY: entry(
    12,
    "person",
    "A key << merges nothing: YAML 1.2 has no merge keys.",
    "Write the keys out where they are needed; what all nodes share can stand under defaults.",
  ),
  WORKFLOW_LOOKALIKE_NAME: entry(
    13,
    "person",
    "Two names look the same and are not.",
    "Write both alike if one thing is meant; otherwise make the difference visible.",
  ),
  EXECUTOR_NOT_AVAILABLE: entry(
    19,
    "nobody",
    "This version of Busbar cannot run this kind of node.",
    "Use a version that can, or run the node as a gRPC service.",
  ),
  POLICY_REFUSED: entry(
    16,
    "person",
    "The workflow asks for what this host's policy does not allow.",
    "Change the file, or have whoever runs this host change its policy.",
  ),
  WORKFLOW_UNKNOWN: entry(
    10,
    "person",
    "The server has no workflow of this name, or no such version of it.",
    "See which workflows and versions there are: GET /api/v1/workflows.",
  ),
  WORKFLOW_CHANGED: entry(
    10,
    "person",
    "The workflow is not, or no longer, what the upload was to replace.",
    "Look at what is stored now, and upload again if it may be replaced.",
  ),
  WORKFLOW_DUPLICATE_NAME: entry(
    13,
    "person",
    "Another file of the directory has the same workflow_name.",
    "Rename one of the workflows, or move its file out of the directory.",
  ),
  WORKFLOW_UNWRITABLE: entry(
    10,
    "person",
    "A workflow cannot be stored.",
    "Make room on the disk, or let the server's user write to the directory.",
  ),
  // 20-29: a service stopped the run before any node was called
  SERVICE_UNREACHABLE: entry(
    20,
    "person",
    "Nothing answers at the service's address.",
    "Start the service, or mend its address in service_registry.",
  ),
  SERVICE_UNKNOWN_NAME: entry(
    21,
    "person",
    "The host name of the service does not resolve.",
    "Mend the host name in service_registry, or the machine's DNS.",
  ),
  SERVICE_WRONG_PROTOCOL: entry(
    22,
    "person",
    "Something listens at the address, but it does not speak gRPC.",
    "Check the port; a web server or a database may be listening there.",
  ),
  SERVICE_TLS: entry(
    23,
    "person",
    "Busbar and the service do not agree on TLS.",
    "Check whether the service expects TLS, and the tls paths and server_name in service_registry.",
  ),
  SERVICE_NOT_SERVING: entry(
    24,
    "person",
    "The service is up but says that it is not ready.",
    "Wait for it (--wait-for-services SECONDS), or look at its log.",
  ),
  SERVICE_NO_HEALTH: entry(
    24,
    "person",
    "The service offers no grpc.health.v1, and the file says health: required.",
    "Add the health service, or set health: optional.",
  ),
  SERVICE_WRONG_CONTRACT: entry(
    25,
    "person",
    "The service does not offer ContainerExecutor/Execute as Busbar calls it.",
    "Check that the address in service_registry is that of the service which is meant; if it is, rebuild the service from the contract that `busbar proto` prints.",
  ),
  SERVICE_MISSING_ENV: entry(
    26,
    "person",
    "An environment variable that the service's metadata needs is not set.",
    "Set it before starting Busbar.",
  ),
  SERVICE_INVALID_ENV: entry(
    26,
    "person",
    "An environment variable that the service's metadata needs has a character that gRPC does not allow.",
    "Set it to printable ASCII; look for a line break at its end.",
  ),
  SERVICE_SILENT: entry(
    27,
    "person",
    "The service did not answer in time when it was checked.",
    "Look at the service's log; give it longer with --preflight-timeout.",
  ),
  SERVICE_CHECK_TIMED_OUT: entry(
    29,
    "person",
    "The run's total_timeout_seconds was over before its services had been checked.",
    "Start the services first, or raise the run's total_timeout_seconds; then `busbar resume RUN`.",
  ),
  SERVICE_CHECK_FAILED: entry(
    28,
    "person",
    "The service answered the check with an error.",
    "Look at the service's log.",
  ),
  SERVICE_PROXY: entry(
    20,
    "person",
    "The proxy that the environment names gives no way to the service.",
    "Check grpc_proxy, https_proxy and http_proxy; name the service in no_proxy, or set proxy: off for it.",
  ),
  SERVICE_NO_REFLECTION: entry(
    28,
    "nobody",
    "The service offers no reflection, so that its contract could not be checked.",
    "Nothing to do; calls work without. Add grpc.reflection to have the contract checked before a run.",
  ),
  ENGINE_NOT_FOUND: entry(
    20,
    "person",
    "The program that runs containers is not installed here.",
    "Install Docker or Podman, or name its full path in the command.",
  ),
  ENGINE_UNREACHABLE: entry(
    20,
    "person",
    "The container engine does not answer.",
    "Start it (Docker Desktop, or the docker service), or correct DOCKER_HOST; `docker info` must work.",
  ),
  ENGINE_SILENT: entry(
    27,
    "person",
    "The container engine did not answer in time when it was checked.",
    "Look at the engine's log; give it longer with --preflight-timeout.",
  ),
  IMAGE_NOT_FOUND: entry(
    25,
    "person",
    "The image is not on this machine and cannot be pulled.",
    "Build it or load it, or correct its name; `docker images` lists what is there.",
  ),
  IMAGE_NOT_LOCAL: entry(
    25,
    "person",
    "The image is not on this machine; it is pulled when its node starts, within the node's timeout.",
    "Pull it beforehand with `docker pull IMAGE`.",
  ),
  RUN_MISSING_ENV: entry(
    26,
    "person",
    "An environment variable that the run needs is not set for the process that would take it over.",
    "Set it for the server, and start that again; or go on with `busbar resume RUN` where it is set.",
  ),
  MOUNT_NOT_FOUND: entry(
    25,
    "person",
    "A folder that the container mounts does not exist on this machine.",
    "Make the folder, or correct the mount.",
  ),
  MOUNT_NOT_ALLOWED: entry(
    25,
    "person",
    "A folder that the container mounts leads, through a link, to a place that gives power over this machine, or that the host's policy does not let be mounted.",
    "Mount another folder; or allow this one by name in the file, docker: { allow: [...] }, or have whoever runs this host list it in its policy, as the message says.",
  ),
  CONTAINER_MISSING_ENV: entry(
    26,
    "person",
    "An environment variable that the container's env refers to is not set.",
    "Set it before starting Busbar.",
  ),
  ENGINE_MISCONFIGURED: entry(
    20,
    "person",
    "The container engine's client program does not know how to reach its engine.",
    "Correct the variable that the message names, or unset it; where it names none, choose another context with `docker context use` (`docker context ls` lists them).",
  ),
  ENGINE_FORBIDDEN: entry(
    20,
    "person",
    "This user may not use the container engine.",
    "Add the user to the group that owns the engine's socket (most often docker) and log in again, or point DOCKER_HOST to an engine of the user's own.",
  ),
  MOUNT_MOVED: entry(
    25,
    "person",
    "What a container mounted is not what its path led to when it was made: something was put in its place in between. The container was ended.",
    "Mount a folder that nobody else writes to, or one above what others write.",
  ),
  SERVICE_NOT_ALLOWED: entry(
    29,
    "person",
    "The service's address, or what its name leads to, or a tls file is not allowed by this host's policy.",
    "Change the address or the file, or have whoever runs this host change its policy.",
  ),
  // 30-39: the journal
  RUN_OWNED: entry(
    30,
    "person",
    "Another process owns the run.",
    "Wait for it, or stop it; `busbar cancel RUN` cancels the run wherever it is.",
  ),
  JOURNAL_DAMAGED: entry(
    31,
    "nobody",
    "The stored history of the run is damaged.",
    "Restore the state directory from a backup, or start a new run; other runs stay readable. `busbar doctor` lists the damage.",
  ),
  JOURNAL_BUSY: entry(
    32,
    "busbar",
    "Another process keeps the journal locked.",
    "Wait for it, or end it, and try again; a run that was recorded goes on with `busbar resume RUN`.",
  ),
  JOURNAL_FULL: entry(
    33,
    "person",
    "The disk is full.",
    "Free space and try again; nothing that was recorded is lost: a run goes on with `busbar resume RUN`.",
  ),
  JOURNAL_UNWRITABLE: entry(
    34,
    "person",
    "The state directory cannot be written.",
    "Check its permissions, or choose another with --state-dir.",
  ),
  JOURNAL_FENCED: entry(35, "nobody", "Another process has taken the run over.", "Look at it with `busbar show RUN`."),
  JOURNAL_REMOTE: entry(
    36,
    "person",
    "The state directory lies on a network file system, where locks and fsync cannot be trusted.",
    "Choose a local directory with --state-dir, or insist with --allow-remote-state.",
  ),
  JOURNAL_NEWER: entry(37, "person", "The journal was written by a newer version of Busbar.", "Use that version."),
  JOURNAL_FAILED: entry(
    38,
    "person",
    "The journal could not be read or written.",
    "Mend what the message names and try again; a run that was recorded goes on with `busbar resume RUN`.",
  ),
  EVENT_TOO_LARGE: entry(
    39,
    "nobody",
    "An event is larger than 64 KiB.",
    "Shorten the paths or parameters of the node.",
  ),
  JOURNAL_UNREADABLE: entry(
    34,
    "person",
    "The state directory, or something in it, cannot be read.",
    "Mend what the message names (its owner can change its rights), or choose another directory with --state-dir.",
  ),
  JOURNAL_TEMP_UNUSABLE: entry(
    34,
    "person",
    "A state directory that cannot be written is read from a copy, and the folder for temporary files takes none.",
    "Set TMPDIR to a folder that exists, can be written and has space.",
  ),
  JOURNAL_GONE: entry(
    38,
    "person",
    "The journal was removed, moved or replaced while a run was recorded in it.",
    "Put back what is gone; a run that was recorded then goes on with `busbar resume RUN`. If it is lost, start a new run.",
  ),
  // 1: the run failed after a node was called
  RUN_NODE_FAILED: entry(
    1,
    "person",
    "A node of the run failed.",
    "Look at the node's error, mend its cause, then `busbar resume RUN`.",
  ),
  RUN_TIMED_OUT: entry(
    1,
    "person",
    "The run took longer than total_timeout_seconds.",
    "Raise total_timeout_seconds, or find the slow node; then `busbar resume RUN`.",
  ),
  NODE_REPORTED_FAILURE: entry(
    1,
    "person",
    "The service answered that its work failed.",
    "Read the service's message; mend the file that the node reads (its input_file), or the service.",
  ),
  NODE_TIMED_OUT: entry(
    1,
    "person",
    "The attempt took longer than timeout_seconds.",
    "Look at what keeps the service busy (its log, the other calls it has); give the node more timeout_seconds, or the service fewer calls at once (max_concurrency).",
  ),
  NODE_TOTAL_TIMED_OUT: entry(
    1,
    "person",
    "The node's attempts and waits took longer than total_timeout_seconds.",
    "Raise the node's total_timeout_seconds, or look at why the service fails.",
  ),
  NODE_LOST: entry(
    1,
    "busbar",
    "Busbar ended before the outcome of the attempt was recorded.",
    "Nothing to do: it is made again with the same idempotency key, unless the node says on_lost: fail.",
  ),
  NODE_CANCELLED: entry(130, "nobody", "The attempt was cancelled.", "Nothing to do."),
  CALL_UNAVAILABLE: entry(
    1,
    "busbar",
    "The service was not reachable, or broke the connection during the call.",
    "Check that the service runs and stays up; look at its log.",
  ),
  CALL_CANCELLED_BY_SERVICE: entry(
    1,
    "person",
    "The service, or something between, cancelled the call.",
    "Look at the service's log, and at proxies between.",
  ),
  CALL_UNKNOWN: entry(
    1,
    "person",
    "The service failed without saying how: its code threw an exception.",
    "Look at the service's log.",
  ),
  CALL_INVALID_ARGUMENT: entry(
    1,
    "person",
    "The service did not accept the request.",
    "Check input_file and output_file of the node.",
  ),
  CALL_NOT_FOUND: entry(
    1,
    "person",
    "The service did not find what the request names.",
    "Check input_file of the node.",
  ),
  CALL_ALREADY_EXISTS: entry(
    1,
    "person",
    "What the request would make exists already.",
    "Remove it, or change output_file.",
  ),
  CALL_PERMISSION_DENIED: entry(
    1,
    "person",
    "The service does not permit the call.",
    "Check the rights behind the service's metadata.",
  ),
  CALL_UNAUTHENTICATED: entry(
    1,
    "person",
    "The service does not know who calls.",
    "Add or renew the token in the service's metadata.",
  ),
  CALL_RESOURCE_EXHAUSTED: entry(
    1,
    "person",
    "A limit was exceeded: a quota, or the size of a message.",
    "If the message names max_message_bytes, raise it; if the service says that a message is too large, raise the service's own limit (maxMessageBytes in the kit); otherwise wait or lower max_concurrency.",
  ),
  CALL_FAILED_PRECONDITION: entry(
    1,
    "person",
    "The service is not in a state to do this.",
    "Read the service's message.",
  ),
  CALL_ABORTED: entry(
    1,
    "person",
    "The service gave up because of a conflict.",
    "Resume the run; add ABORTED to retryable_status_codes if that is common.",
  ),
  CALL_OUT_OF_RANGE: entry(1, "person", "The request reaches beyond what there is.", "Check the node's input."),
  CALL_UNIMPLEMENTED: entry(
    1,
    "person",
    "The service does not offer the method that was called.",
    "Check that the address in service_registry is that of the service which is meant; if it is, rebuild the service from the contract that `busbar proto` prints.",
  ),
  CALL_INTERNAL: entry(
    1,
    "person",
    "The service, or the connection to it, broke a rule of gRPC.",
    "Look at the service's log, and at what listens at the address.",
  ),
  CALL_DATA_LOSS: entry(
    1,
    "person",
    "The service reports lost or damaged data.",
    "Look at the service's log and its disk.",
  ),
  CONTAINER_FAILED: entry(
    1,
    "person",
    "The container ended with an exit code other than 0.",
    "Read what it wrote with `busbar logs RUN NODE`; add the code to retryable_exit_codes if another try may help.",
  ),
  CONTAINER_OUT_OF_MEMORY: entry(
    1,
    "person",
    "The container was ended because it used more memory than it was given.",
    "Raise its memory limit, or give the machine more.",
  ),
  CONTAINER_NOT_STARTED: entry(
    1,
    "person",
    "The engine did not start the container.",
    "Correct what the message names: the image, an option, or the engine; `busbar logs RUN NODE` shows what was asked of it.",
  ),
  CONTAINER_NAME_TAKEN: entry(
    1,
    "person",
    "A container that this run did not make has the name that the command gives.",
    "Let it end, or remove it with `docker rm --force NAME` if nobody needs it; without --name in the command no names clash.",
  ),
  CONTAINER_ENGINE_GONE: entry(
    1,
    "busbar",
    "The container engine stopped answering while the node ran.",
    "Start the engine, then `busbar resume RUN`.",
  ),
  CONTAINER_REMOVED: entry(
    1,
    "person",
    "Somebody removed the container before Busbar knew how it ended.",
    "Find out who removes containers here (`docker rm`, a prune job) and keep those with the label busbar.run from it; then `busbar resume RUN`, which runs the node again.",
  ),
  CONTAINER_TIMED_OUT: entry(
    1,
    "person",
    "The container did not end within timeout_seconds, and was ended.",
    "Read how far it came with `busbar logs RUN NODE`; raise the node's timeout_seconds if it needs longer.",
  ),
  // 70-74, 130
  INTERNAL: entry(
    70,
    "nobody",
    "Busbar has a bug.",
    "Please report it with the text above; the run can be resumed with `busbar resume RUN`.",
  ),
  RUN_LEFT: entry(130, "person", "Busbar ended before the run did.", "Go on with `busbar resume RUN`."),
  RUN_CANCELLED: entry(130, "person", "The run was cancelled.", "Go on with `busbar resume RUN`."),
  DETACH_FAILED: entry(
    71,
    "person",
    "The process that was to drive the run in the background ended before it said that the run was made.",
    "Look whether the run was made (`busbar runs`); start it without --detach to see what happens.",
  ),
  OUTPUT_LOST: entry(
    74,
    "person",
    "What the command prints could not be written to stdout: its disk is full, for example.",
    "Free the disk, or send stdout elsewhere; `busbar events` prints again what a run has recorded.",
  ),
  // 2: what a server refuses
  NOT_FOUND: entry(2, "nobody", "The server has nothing at this path.", "Look at /api/docs for what there is."),
  FORBIDDEN: entry(
    2,
    "person",
    "The caller's role does not allow this.",
    "Use a token with the role that the message names (`busbar token create` makes one); a workflow that the server has is taken by its name: `busbar run NAME`, `busbar resume RUN --file NAME`.",
  ),
  TOKEN_REQUIRED: entry(
    2,
    "person",
    "The server answers this to those only whom it knows.",
    "Send a token (`Authorization: Bearer …`; BUSBAR_TOKEN for commands) or sign in; `busbar token create` makes one.",
  ),
  TOKEN_INVALID: entry(
    2,
    "person",
    "The token is not one of this server's, has expired or was revoked.",
    "Look whether all of it was sent; `busbar token list` shows those that are there.",
  ),
  TOO_MANY_LOGINS: entry(2, "person", "Too many logins have failed.", "Wait as long as the message says."),
  HOST_UNKNOWN: entry(
    2,
    "person",
    "The server was called by a name that is not its own.",
    "Call it as it is called, or give the name: `busbar serve --public-url URL`.",
  ),
  ORIGIN_FOREIGN: entry(
    2,
    "person",
    "The request comes from a page of another server.",
    "Programs send a token (the server's own is in server-token of its state directory) and no cookie; pages are served by this server alone.",
  ),
  SERVE_UNSAFE: entry(
    2,
    "person",
    "The server would be open to other machines without being safe.",
    "Give it what the message names, or let it listen on loopback.",
  ),
  REQUEST_INVALID: entry(
    2,
    "person",
    "The request is not one that the server understands.",
    "Mend it as the message says; /api/openapi.json describes every request.",
  ),
  REQUEST_TOO_LARGE: entry(2, "person", "The request is larger than the server takes.", "Send less."),
  LENGTH_REQUIRED: entry(2, "person", "The request does not say how long its body is.", "Send Content-Length."),
  MEDIA_TYPE: entry(2, "person", "The body of the request is of a type that the server does not read.", "Send JSON."),
  SERVER_BUSY: entry(2, "person", "The server does not take more for now, or is stopping.", "Try again later."),
  SERVER_RUNNING: entry(
    30,
    "person",
    "Another server runs on the state directory.",
    "Use that one, or stop it first: a state directory has one server.",
  ),
  RUN_NOT_ENDED: entry(
    2,
    "person",
    "The run has not ended, or ended a moment ago.",
    "Cancel it or wait for its end, and some seconds more.",
  ),
  METHOD_NOT_ALLOWED: entry(2, "nobody", "The path does not take this method.", "Use one that the Allow header names."),
  REQUEST_SLOW: entry(2, "person", "The request did not arrive in time.", "Send it again, faster."),
  // 40-49: the server of --server
  SERVER_UNREACHABLE: entry(
    40,
    "person",
    "Nothing answers at the server's address.",
    "Start it (`busbar serve`), or mend --server (BUSBAR_SERVER).",
  ),
  SERVER_TLS: entry(
    41,
    "person",
    "The server's certificate is not trusted here, or one of both does not speak TLS.",
    "Mend the URL, or the certificate; NODE_EXTRA_CA_CERTS=FILE names an authority (PEM) that is trusted besides.",
  ),
  SERVER_FOREIGN: entry(
    42,
    "person",
    "What answers at the server's address is no Busbar server.",
    "Mend --server (BUSBAR_SERVER): the URL that `busbar serve` prints, or that of the proxy before it.",
  ),
  SERVER_PROXY: entry(
    43,
    "person",
    "A proxy between here and the server answers in its place.",
    "Look whether the server behind it runs; where the environment names the proxy (http_proxy, https_proxy), name the server in no_proxy.",
  ),
  // 39: the cluster of --runtime restate
  CLUSTER_UNREACHABLE: entry(
    39,
    "person",
    "Nothing answers at the address of Restate's ingress or admin API.",
    "Start the cluster, or mend --ingress (BUSBAR_INGRESS) or --admin (BUSBAR_ADMIN).",
  ),
  CLUSTER_FAILED: entry(
    39,
    "person",
    "Restate answered with an error, or what answers is not Restate.",
    "`busbar doctor` says what is wrong with the cluster; look at the logs of its nodes.",
  ),
  CLUSTER_NO_WORKERS: entry(
    39,
    "person",
    "No worker of Busbar answers: Restate knows none, none of those that it knows runs, or too few of its own nodes do.",
    "Start one (`busbar worker`); where it was not given --admin (BUSBAR_ADMIN), tell Restate of it once: `busbar worker register --advertise URL`. Where one runs, `busbar doctor` looks at the cluster. Runs that were accepted go on then.",
  ),
  CLUSTER_NO_LIMITS: entry(
    18,
    "person",
    "The file limits how many attempts go on at an address (max_concurrency), which a cluster cannot keep to yet.",
    "Leave max_concurrency out, or run the file on one machine; max_parallel bounds one run on a cluster, too.",
  ),
  CLUSTER_OTHER_VERSION: entry(
    39,
    "person",
    "Restate knows workers of another version of Busbar at that address, and goes on to take those there for such.",
    "Give each version an address of its own and register that; or `busbar worker register --force`, once no run that began on the other version is under way.",
  ),
  CLUSTER_TOO_LARGE: entry(
    18,
    "person",
    "The workflow is larger than a cluster can go on with within seconds after it lost a worker.",
    "Lower max_parallel, divide the workflow, or run the file on one machine.",
  ),
} as const satisfies Record<string, ErrorEntry>;

/** The codes of the table. */
export type ErrorCode = keyof typeof ERRORS;

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === "string" && Object.hasOwn(ERRORS, value);
}
