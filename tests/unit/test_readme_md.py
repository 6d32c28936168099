"""The README's table of routes has every parameter of a query."""

import re
from pathlib import Path

from google.api import annotations_pb2

from scorewire.action.v1 import keys_pb2
from scorewire.score.v1 import score_pb2

ROW = re.compile(r"^\| `GET (?P<path>\S+)` \| (?P<query>.*?) \|", re.MULTILINE)
PARAMETER = re.compile("`([A-Za-z]+)`")


def test_every_parameter_of_a_query_is_named():
    document = (Path(__file__).parents[2] / "README.md").read_text()
    documented = {row["path"]: set(PARAMETER.findall(row["query"])) for row in ROW.finditer(document)}
    expected = {}
    services = (
        score_pb2.DESCRIPTOR.services_by_name["ScoreService"],
        keys_pb2.DESCRIPTOR.services_by_name["KeyService"],
    )
    for method in (method for service in services for method in service.methods):
        path = method.GetOptions().Extensions[annotations_pb2.http].get
        if path:
            names = {field.name: field.json_name for field in method.input_type.fields}
            in_path = set(re.findall(r"{(\w+)}", path))
            shown = re.sub("_([a-z])", lambda letter: letter[1].upper(), path)
            expected[shown] = {names[name] for name in names.keys() - in_path}
    assert documented == expected
