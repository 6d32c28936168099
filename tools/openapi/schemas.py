"""JSON schemas of messages, as proto3 has them in JSON and as their field rules bound them."""

from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from tools.openapi.contract import Contract

Json = dict[str, Any]

_TYPES: dict[int, Json] = {
    FieldDescriptor.TYPE_STRING: {"type": "string"},
    FieldDescriptor.TYPE_BOOL: {"type": "boolean"},
    FieldDescriptor.TYPE_INT32: {"type": "integer", "format": "int32", "minimum": -(2**31), "maximum": 2**31 - 1},
    FieldDescriptor.TYPE_UINT32: {"type": "integer", "format": "uint32", "minimum": 0, "maximum": 2**32 - 1},
    # 64 bits are more than a number of JSON keeps.
    FieldDescriptor.TYPE_INT64: {"type": "string", "format": "int64", "pattern": "^-?[0-9]{1,19}$"},
}
_WELL_KNOWN: dict[str, Json] = {
    "google.protobuf.Value": {"description": "Any JSON value."},
    "google.protobuf.Timestamp": {"type": "string", "format": "date-time"},
    "google.protobuf.Duration": {"type": "string", "pattern": r"^[0-9]{1,12}(\.[0-9]{1,9})?s$"},
}
# By the rules' names: what JSON Schema calls it. A limit in bytes is one in characters too.
_BOUNDS = {
    "string": {"min_len": "minLength", "max_len": "maxLength", "max_bytes": "maxLength", "pattern": "pattern"},
    "int32": {"gte": "minimum", "lte": "maximum"},
    "repeated": {"max_items": "maxItems", "unique": "uniqueItems"},
}
_SAID_IN_WORDS = {
    ("string", "ip"): "An IP address.",
    **dict.fromkeys([("timestamp", "gte"), ("timestamp", "lt"), ("duration", "gte"), ("duration", "lte")], ""),
}


class UnknownRule(Exception):
    """A field rule, or a type, that the document would not tell of: the generator has to learn it."""


class Schemas:
    """Collects the schemas that operations refer to."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self.collected: dict[str, Json] = {}

    def reference(self, message: Descriptor, *, sent: bool) -> Json:
        """A reference to a message's schema; what is `sent` to a server has the fields there are and no other."""
        if message.full_name in _WELL_KNOWN:
            return dict(_WELL_KNOWN[message.full_name])
        if message.name not in self.collected:
            self.collected[message.name] = {}  # so that one which refers to itself ends
            self.collected[message.name] = self._object(message, sent=sent)
        return {"$ref": f"#/components/schemas/{message.name}"}

    def field(self, field: FieldDescriptor, *, sent: bool) -> Json:
        """The schema of one field."""
        rules = self._contract.rules(field)
        of_list, of_each = (rules, rules.repeated.items) if field.is_repeated else (None, rules)
        bounds, said = _bounds(field, of_each)
        schema = self._value(field, sent=sent) | bounds
        words = [self._contract.comment(field.full_name), said]
        if of_list:
            bounds, said = _bounds(field, of_list)
            schema, words = {"type": "array", "items": schema, **bounds}, [*words, said]
        words += [f"It {rule.message}." for rule in rules.cel]
        description = " ".join(filter(None, words))
        return schema | ({"description": description} if description else {})

    def _object(self, message: Descriptor, *, sent: bool) -> Json:
        schema: Json = {
            "type": "object",
            "description": self._contract.comment(message.full_name),
            "properties": {field.json_name: self.field(field, sent=sent) for field in message.fields},
        }
        if sent:
            required = self._contract.required(message)
            schema |= ({"required": required} if required else {}) | {"additionalProperties": False}
        return schema

    def _value(self, field: FieldDescriptor, *, sent: bool) -> Json:
        if field.message_type is not None:
            return self.reference(field.message_type, sent=sent)
        if field.type not in _TYPES:
            raise UnknownRule(f"{field.full_name} has a type that JSON schemas are not made of yet")
        return dict(_TYPES[field.type])


def _bounds(field: FieldDescriptor, rules: Any) -> tuple[Json, str]:
    kind = rules.WhichOneof("type")
    bounds, words = {}, []
    for rule, value in getattr(rules, kind).ListFields() if kind else ():
        if (kind, rule.name) == ("repeated", "items"):
            continue
        if (kind, rule.name) in _SAID_IN_WORDS:
            words.append(_SAID_IN_WORDS[kind, rule.name])
        elif rule.name in _BOUNDS.get(kind, {}):
            bounds[_BOUNDS[kind][rule.name]] = value
        else:
            raise UnknownRule(f"{field.full_name} has the rule {kind}.{rule.name}, which the document does not tell of")
    return bounds, " ".join(filter(None, words))
