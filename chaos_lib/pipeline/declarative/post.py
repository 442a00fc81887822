"""`post { always { } failure { } }`."""

from __future__ import annotations

from chaos_lib.pipeline.declarative.matching import Reading, block_in, place
from chaos_lib.pipeline.declarative.part import Part, check_all, duplicates
from chaos_lib.pipeline.declarative.steps import read_branch
from chaos_lib.pipeline.groovy.nodes import Statement
from chaos_lib.pipeline.model import POST_ORDER, Post, PostBlock

_VALID = f"[{', '.join(POST_ORDER)}]"


def read(reading: Reading, statement: Statement) -> Part[Post]:
    """Read the `post` section of the pipeline or of a stage."""
    at = place(statement)
    block = block_in(statement)
    parts: list[Part[PostBlock]] = []
    if block is None:
        reading.problems.add(at, "Expected a block")
    else:
        for line in block.closure.body:
            part = _read_block(reading, line)
            if part is not None:
                parts.append(part)

    def check() -> None:
        if not parts:
            reading.problems.add(at, "post can not be empty")
        for name in duplicates(part.value.condition for part in parts):
            reading.problems.add(at, f'Duplicate build condition name: "{name}"')
        check_all(parts)

    return Part(Post(tuple(part.value for part in parts), statement.span), at, check)


def _read_block(reading: Reading, statement: Statement) -> Part[PostBlock] | None:
    at = place(statement)
    block = block_in(statement)
    if block is None:
        message = (
            "The \u2018post\u2019 section can only contain build condition names with code blocks. Valid condition "
            f"names are {_VALID}"
        )
        reading.problems.add(at, message)
        return None
    branch = read_branch(reading, block.closure)

    def check() -> None:
        if block.name not in POST_ORDER:
            reading.problems.add(at, f'Invalid condition "{block.name}" - valid conditions are {_VALID}')
        branch.check()

    return Part(PostBlock(block.name, branch.value, statement.span), at, check)
