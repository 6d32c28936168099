"""Compiled protos as a generator asks for them: descriptors, comments, field rules, what a message must have."""

import re
from collections.abc import Iterator
from typing import Any

import protovalidate
from google.api import annotations_pb2
from google.protobuf import descriptor_pool, message_factory
from google.protobuf.descriptor import Descriptor, FieldDescriptor, MethodDescriptor, ServiceDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from google.protobuf.message import Message

# Where a descriptor has which part of a file, as `SourceCodeInfo` counts: messages, fields, enums, values, services,
# methods.
_PARTS = {"message_type": 4, "enum_type": 5, "service": 6}
_INNER = {"message_type": ("field", 2), "enum_type": ("value", 2), "service": ("method", 2)}
_QUOTED = re.compile(r"`(\w+)`")


class Contract:
    """What the protos say. Names are full ones, such as `scorewire.score.v1.ScoreService.GetStanding`."""

    def __init__(self, files: FileDescriptorSet) -> None:
        self._pool = descriptor_pool.DescriptorPool()
        for file in files.file:
            self._pool.Add(file)
        self._comments = {name: text for file in files.file for name, text in _comments(file)}
        self._rules = self._extension("google.protobuf.FieldOptions", "buf.validate.field")
        self._json_names = {
            field.name: field.json_name
            for file in files.file
            if file.name.startswith("scorewire/")
            for message in file.message_type
            for field in message.field
        }

    def service(self, name: str) -> ServiceDescriptor:
        """The service of that name."""
        return self._pool.FindServiceByName(name)

    def message(self, name: str) -> Descriptor:
        """The message of that name."""
        return self._pool.FindMessageTypeByName(name)

    def reasons(self) -> list[tuple[str, str]]:
        """Every reason, with its comment, which begins with its gRPC code."""
        prefix, enum = "ERROR_REASON_", self._pool.FindEnumTypeByName("scorewire.errors.v1.ErrorReason")
        names = [value.name for value in enum.values if value.number]
        return [(name.removeprefix(prefix), self._comments[f"scorewire.errors.v1.{name}"]) for name in names]

    def comment(self, name: str) -> str:
        """The comment on something, with the names of fields as JSON has them."""
        text = self._comments.get(name, "")
        return _QUOTED.sub(lambda quoted: f"`{self._json_names.get(quoted[1], quoted[1])}`", text)

    def http(self, method: MethodDescriptor) -> tuple[str, str] | None:
        """Method and path over HTTP, such as `get` and `/api/leaderboard`; `None` where it has none."""
        rule = method.GetOptions().Extensions[annotations_pb2.http]
        verb = rule.WhichOneof("pattern")
        return (verb, getattr(rule, verb)) if verb else None

    def rules(self, field: FieldDescriptor) -> Any:
        """The `buf.validate.FieldRules` of a field."""
        options_class = message_factory.GetMessageClass(self.message("google.protobuf.FieldOptions"))
        options: Any = options_class.FromString(field.GetOptions().SerializeToString())
        return options.Extensions[self._rules]

    def required(self, message: Descriptor) -> list[str]:
        """The fields without which a message breaks the field rules, by their names in JSON."""
        empty: Message = message_factory.GetMessageClass(message)()
        broken = {_first_field(violation) for violation in protovalidate.Validator().collect_violations(empty)}
        return [field.json_name for field in message.fields if field.name in broken]

    def _extension(self, extended: str, name: str) -> FieldDescriptor:
        message_factory.GetMessageClass(self.message(extended))
        return self._pool.FindExtensionByName(name)


def _first_field(violation: Any) -> str:
    elements = violation.proto.field.elements if violation.proto.field else ()
    return elements[0].field_name if elements else ""


def _comments(file: FileDescriptorProto) -> Iterator[tuple[str, str]]:
    written = {tuple(location.path): location.leading_comments for location in file.source_code_info.location}
    for kind, number in _PARTS.items():
        inner, inner_number = _INNER[kind]
        for index, outer in enumerate(getattr(file, kind)):
            name = f"{file.package}.{outer.name}"
            yield name, _prose(written.get((number, index), ""))
            # The values of an enum are beside it, not in it.
            scope = file.package if kind == "enum_type" else name
            for inner_index, part in enumerate(getattr(outer, inner)):
                text = written.get((number, index, inner_number, inner_index), "")
                yield f"{scope}.{part.name}", _prose(text)


def _prose(comment: str) -> str:
    """A comment with its paragraphs and its list items on a line each."""
    lines = [line.strip() for line in comment.strip().splitlines()]
    text = "\n".join(lines)
    return re.sub(r"(?<!\n)\n(?!\n|- )", " ", text)
