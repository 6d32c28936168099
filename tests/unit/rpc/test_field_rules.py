"""Field rules are checked where there are some, and what cannot have any is not walked."""

from collections.abc import Iterator

from google.protobuf import descriptor_pool
from google.protobuf.descriptor import Descriptor, FieldDescriptor

from scorewire.action.v1 import action_pb2
from scorewire.score.v1 import internal_pb2, score_pb2
from scorewire.session.v1 import session_pb2
from scorewire_server.rpc.field_rules import broken_rules

STRUCT = "google/protobuf/struct.proto"
RULES = descriptor_pool.Default().FindExtensionByName("buf.validate.field")


def test_json_of_callers_is_passed_over():
    """It has no rules, and to look for some takes a second for each MiB, before anybody asks who calls."""
    json = [field for field in request_fields() if field.message_type and field.message_type.file.name == STRUCT]
    assert [field.full_name for field in json] == ["scorewire.action.v1.DoActionRequest.some"]
    for field in json:
        rules = field.GetOptions().Extensions[RULES]
        values = rules.DESCRIPTOR.fields_by_name["ignore"].enum_type.values_by_name
        assert rules.ignore == values["IGNORE_ALWAYS"].number


def test_the_fields_beside_it_are_checked():
    request = action_pb2.DoActionRequest(action_type="no type")
    request.some.list_value.values.add(number_value=1)
    assert set(broken_rules(request).fields) == {"action_type"}


def request_fields() -> Iterator[FieldDescriptor]:
    """Every field of every request, and of the messages inside."""
    for file in (action_pb2, internal_pb2, score_pb2, session_pb2):
        for service in file.DESCRIPTOR.services_by_name.values():
            for method in service.methods:
                yield from fields_of(method.input_type)


def fields_of(message: Descriptor) -> Iterator[FieldDescriptor]:
    for field in message.fields:
        yield field
        if field.message_type and field.message_type.file.package.startswith("scorewire."):
            yield from fields_of(field.message_type)
