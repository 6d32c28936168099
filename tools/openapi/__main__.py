"""`python -m tools.openapi IMAGE OUT`: writes `public.json` and `internal.json` into the folder OUT."""

import argparse
import json
from pathlib import Path

from google.protobuf.descriptor_pb2 import FileDescriptorSet

from tools.openapi.contract import Contract
from tools.openapi.document import INTERNAL, PUBLIC, document


def main() -> None:
    """Runs from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("image", type=Path, help="the compiled protos, with their comments")
    parser.add_argument("out", type=Path, help="a folder")
    arguments = parser.parse_args()
    contract = Contract(FileDescriptorSet.FromString(arguments.image.read_bytes()))
    for face in (PUBLIC, INTERNAL):
        text = json.dumps(document(contract, face), indent=1, ensure_ascii=False)
        (arguments.out / f"{face.name}.json").write_text(f"{text}\n")


if __name__ == "__main__":
    main()
