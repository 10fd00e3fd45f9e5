"""YAML as this project takes it: data only, nothing said twice, no aliases, and ``2e-5`` is a number."""

from __future__ import annotations

import re
from typing import Any

import yaml

_FLOAT = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)[eE][-+]?\d+")


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader without aliases (a few of them can stand for gigabytes) and without repeated keys."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.constructor.ConstructorError(None, None, "aliases (*name) are not taken; write it out", mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"{key.value!r} stands here twice", key.start_mark)
            seen.add(str(key.value))
        return super().construct_mapping(node, deep)


_Loader.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(rf"^{_FLOAT.pattern}$"), list("-+.0123456789"))


def read_yaml(text: str) -> Any:
    """The data that a YAML text holds.

    Raises:
        ValueError: It is not YAML, or holds a tag, an alias or a key that stands twice; the message says where.

    Example:
        >>> read_yaml("rate: 2e-5")
        {'rate': 2e-05}
    """
    try:
        return yaml.load(text, Loader=_Loader)
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError("it is nested too deeply" if isinstance(error, RecursionError) else str(error)) from error
