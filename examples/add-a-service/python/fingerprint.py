"""The work: fingerprint.py INPUT_FILE OUTPUT_FILE writes what `sha256sum` prints. It knows nothing of gRPC."""
import hashlib
import os
import sys
import uuid
from pathlib import Path


def write_fingerprint(source: Path, target: Path, wanted=lambda: True) -> str:
    digest = hashlib.sha256()
    with source.open("rb") as file:
        while chunk := file.read(1 << 20):
            if not wanted():
                raise InterruptedError("nobody waits for it any more")
            digest.update(chunk)
    write_whole(target, f"{digest.hexdigest()}  {source.name}\n")
    return digest.hexdigest()


def write_whole(target: Path, text: str) -> None:
    """Others see the file whole or not at all, whenever this is interrupted or made again."""
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{uuid.uuid4().hex}.tmp")
    try:
        with temporary.open("w", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


if __name__ == "__main__":
    print(write_fingerprint(Path(sys.argv[1]), Path(sys.argv[2])))
