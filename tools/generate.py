"""Makes everything in `generated/` from `protos/`: Python, TypeScript, the gateway's descriptor set, OpenAPI documents.

Third-party `.proto` files come from the installed packages: `google/api` and `google/rpc` as text from
googleapis-common-protos, `buf/validate` from the descriptor inside protovalidate.
"""

import argparse
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

from google.protobuf import descriptor_pb2, duration_pb2, field_mask_pb2, timestamp_pb2
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from grpc_tools import protoc
from protovalidate._gen.buf.validate import validate_pb

ROOT = Path(__file__).resolve().parent.parent
PROTOS = ROOT / "protos"
SITE_PACKAGES = Path(sysconfig.get_path("purelib"))
WELL_KNOWN = Path(protoc.__file__).parent / "_proto"
PROTOC_GEN_ES = ROOT / "client/web/node_modules/.bin/protoc-gen-es"

# Error details are packed in Any: nothing imports them, yet the gateway and a browser need them to show them.
ERROR_DETAILS = "google/rpc/error_details.proto"
NOT_FOR_BROWSERS = {
    "scorewire/action/v1/keys.proto",
    "scorewire/score/v1/admin.proto",
    "scorewire/score/v1/decisions.proto",
    "scorewire/score/v1/history.proto",
    "scorewire/score/v1/events.proto",
    "scorewire/score/v1/internal.proto",
    "scorewire/score/v1/token.proto",
}


def main() -> None:
    """Runs from the command line; exits non-zero when a compiler does."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "generated")
    parser.add_argument("--image", type=Path, help="only write the image that buf reads, here")
    parser.add_argument("--protos", type=Path, default=PROTOS)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        image = build_image(arguments.protos, Path(scratch))
        if arguments.image:
            shutil.copy(image, arguments.image)
        else:
            generate(image, arguments.out)


def generate(image: Path, out: Path) -> None:
    """Replaces the folder `out` by what `image` generates, once all of it is there."""
    new = out.with_name(f".{out.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    fill(image, new)
    shutil.rmtree(out, ignore_errors=True)
    new.rename(out)


def fill(image: Path, out: Path) -> None:
    """Writes everything that `image` generates into a new folder."""
    for name in ("python", "web", "gateway", "openapi"):
        (out / name).mkdir(parents=True)
    whole = FileDescriptorSet.FromString(image.read_bytes())
    own = [f.name for f in whole.file if f.name.startswith("scorewire/")]
    generate_python(image, own, out / "python")
    generate_web(whole, [name for name in own if name not in NOT_FOR_BROWSERS] + [ERROR_DETAILS], out / "web")
    generate_gateway(whole, out / "gateway")
    generate_openapi(image, out / "openapi")


def build_image(protos: Path, scratch: Path) -> Path:
    """Compiles every proto below `protos` with its imports into one descriptor set."""
    image, validate = scratch / "image.binpb", scratch / "validate.binpb"
    validate.write_bytes(validate_descriptors().SerializeToString())
    run_protoc(
        f"-I{protos}",
        f"-I{SITE_PACKAGES}",
        f"-I{WELL_KNOWN}",
        f"--descriptor_set_in={validate}",
        "--include_imports",
        "--include_source_info",
        f"--descriptor_set_out={image}",
        *sorted(str(p.relative_to(protos)) for p in protos.rglob("*.proto")),
        ERROR_DETAILS,
    )
    return image


def validate_descriptors() -> FileDescriptorSet:
    """buf/validate/validate.proto, which protovalidate ships compiled only, after the files it imports."""
    imports = [descriptor_pb2, duration_pb2, field_mask_pb2, timestamp_pb2]
    files = [FileDescriptorProto.FromString(m.DESCRIPTOR.serialized_pb) for m in imports]
    return FileDescriptorSet(file=[*files, FileDescriptorProto.FromString(validate_pb.desc().proto.to_binary())])


def generate_python(image: Path, own: list[str], out: Path) -> None:
    """Messages, stubs and their types; buf/validate too, which no installed package has for google.protobuf."""
    run_protoc(
        f"--descriptor_set_in={image}",
        f"--python_out={out}",
        f"--pyi_out={out}",
        *own,
        "buf/validate/validate.proto",
    )
    services = ["scorewire/session/v1/session.proto"]
    services += [f"scorewire/action/v1/{p}.proto" for p in ("action", "keys")]
    services += [f"scorewire/score/v1/{p}.proto" for p in ("score", "events", "internal", "admin")]
    run_protoc(
        f"--descriptor_set_in={image}",
        f"--plugin=protoc-gen-mypy_grpc={Path(sys.executable).parent / 'protoc-gen-mypy_grpc'}",
        f"--grpc_python_out={out}",
        f"--mypy_grpc_out=quiet:{out}",
        *services,
    )


def generate_web(whole: FileDescriptorSet, own: list[str], out: Path) -> None:
    """TypeScript for browsers, without the options: field rules and routes are the servers', and outweigh the code."""
    bare = FileDescriptorSet(file=[without_options(f) for f in whole.file])
    with tempfile.NamedTemporaryFile(suffix=".binpb") as image:
        Path(image.name).write_bytes(bare.SerializeToString())
        run_protoc(
            f"--descriptor_set_in={image.name}",
            f"--plugin=protoc-gen-es={PROTOC_GEN_ES}",
            f"--es_out={out}",
            "--es_opt=target=ts,import_extension=none",
            *own,
        )


def without_options(file: FileDescriptorProto) -> FileDescriptorProto:
    """The same file with no field rules, no HTTP annotations and no imports that only these need."""
    if not file.name.startswith("scorewire/"):
        return file
    bare = FileDescriptorProto()
    bare.CopyFrom(file)
    kept = [d for d in bare.dependency if d not in ("buf/validate/validate.proto", "google/api/annotations.proto")]
    bare.ClearField("dependency")
    bare.dependency.extend(kept)
    for message in bare.message_type:
        for field in message.field:
            field.ClearField("options")
    for service in bare.service:
        for method in service.method:
            method.ClearField("options")
    return bare


def generate_gateway(whole: FileDescriptorSet, out: Path) -> None:
    """What the gateway transcodes by: every file, without the comments."""
    for file in whole.file:
        file.ClearField("source_code_info")
    (out / "scorewire.binpb").write_bytes(whole.SerializeToString(deterministic=True))


def generate_openapi(image: Path, out: Path) -> None:
    """Documents of the REST face, public and internal."""
    subprocess.run([sys.executable, "-m", "tools.openapi", image, out.absolute()], cwd=ROOT, check=True)


def run_protoc(*arguments: str) -> None:
    """Runs the compiler of grpcio-tools in a process of its own, because it writes to standard error by itself."""
    subprocess.run([sys.executable, "-m", "grpc_tools.protoc", *arguments], check=True)


if __name__ == "__main__":
    main()
