"""What the protos say of every RPC: its path for gRPC, its path and method for REST, whether it only reads."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from google.api import annotations_pb2
from google.protobuf.descriptor_pb2 import FileDescriptorSet, MethodDescriptorProto

_INSTALLED = Path(__file__).with_name("scorewire.binpb")
_GENERATED = Path(__file__).resolve().parents[3] / "generated/gateway/scorewire.binpb"


@dataclass(frozen=True, slots=True)
class Rpc:
    """One RPC; `verb` and `template`, such as `GET` and `/api/standings/{user_id}`, are empty where it has no REST."""

    service: str
    name: str
    verb: str
    template: str
    streaming: bool
    fields: Sequence[str]
    """The names of the request's fields, as protos and as JSON have them."""

    @property
    def grpc_path(self) -> str:
        """The path of its gRPC calls."""
        return f"/{self.service}/{self.name}"

    @property
    def reads(self) -> bool:
        """Whether it changes nothing, so that it may be sent again."""
        return self.verb == "GET"


def descriptor_file() -> Path:
    """The descriptor set, in an installed package or in the source tree."""
    return _INSTALLED if _INSTALLED.exists() else _GENERATED


def rpcs(services: Sequence[str]) -> Sequence[Rpc]:
    """The RPCs of the services of those full names."""
    files = FileDescriptorSet.FromString(descriptor_file().read_bytes())
    return [rpc for rpc in _all_rpcs(files) if rpc.service in services]


def _all_rpcs(files: FileDescriptorSet) -> Iterator[Rpc]:
    messages = {f".{file.package}.{message.name}": message for file in files.file for message in file.message_type}
    for file in files.file:
        for service in file.service:
            for method in service.method:
                verb, template = _http(method)
                names = [name for field in messages[method.input_type].field for name in (field.name, field.json_name)]
                full_name = f"{file.package}.{service.name}"
                yield Rpc(full_name, method.name, verb, template, method.server_streaming, names)


def _http(method: MethodDescriptorProto) -> tuple[str, str]:
    rule = method.options.Extensions[annotations_pb2.http]
    verb = rule.WhichOneof("pattern")
    return (verb.upper(), getattr(rule, verb)) if verb else ("", "")
