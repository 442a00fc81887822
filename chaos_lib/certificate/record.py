"""What a certificate says: the record, and its bytes.

The bytes are what is signed. They are small enough for a QR code: a JSON list (no keys), deflated with a dictionary of
the words that are in every record. A certificate always carries these very bytes, so that nobody has to make the same
ones again: another version of zlib may deflate differently.
"""

from __future__ import annotations

import json
import re
import unicodedata
import zlib
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from enum import Enum
from typing import Any

from chaos_lib.errors import CertificateInvalid
from chaos_lib.settings import Tier

WORKSHOP = "Operation Chaos: Break It to Make It"
_LARGEST_BYTES = 16_384
_LONGEST_TEXT, _MOST_POINTS, _MOST_PHASES = 120, 1_000_000, 12
_LAST_SECOND = 253_402_300_799  # of the year 9999
_HEX = re.compile(r"[0-9a-f]{80}")
# Part of format 1, never to be changed: records that were deflated with it can only be read with it.
_WORDS = (
    b'"phase-0-setup","Mission briefing",10,10,"phase-1-tests","Test Mayhem",60,60,"phase-2-docker","Docker",'
    b'"phase-3-jenkins","Pipeline","phase-4-k8s","Kubernetes","phase-5-final","Final Victory Deploy","wrap-up",'
    b'"SIMULATED"],["EMBEDDED"],["LIVE"],[]]"instructor","self","participation","completion",'
    b'[1,"Operation Chaos: Break It to Make It","'
)


class Attestation(str, Enum):
    """Who vouches for a certificate."""

    SELF = "self"
    INSTRUCTOR = "instructor"

    @property
    def words(self) -> str:
        """As it stands on the certificate."""
        return f"{self.value}-attested"


class Kind(str, Enum):
    """What a certificate is for: all phases finished with enough points, or a part of them."""

    COMPLETION = "completion"
    PARTICIPATION = "participation"


@dataclass(frozen=True)
class PhaseResult:
    """What was reached in one finished phase.

    Attributes:
        name: The phase, such as `phase-1-tests`.
        title: Its title for people.
        points: Points earned.
        possible: Points that there are.
        tier: The least real tier of the facilities that it was played on.
    """

    name: str
    title: str
    points: int
    possible: int
    tier: Tier


@dataclass(frozen=True)
class Record:
    """Everything that a certificate says; all of it is signed.

    Attributes:
        workshop: The title of the workshop.
        name: The participant's name.
        kind: Completion or participation.
        issued_at: Seconds since the epoch, whole.
        score: Points earned in all phases.
        possible: Points of the whole workshop.
        tier: The least real tier of its phases.
        attestation: Who vouches.
        attested_by: The instructor's name; empty when self-attested.
        evidence: SHA-256 of the mission log's events, hexadecimal.
        nonce: Sixteen random hexadecimal characters: two certificates are never the same.
        phases: The finished phases, in order.
    """

    workshop: str
    name: str
    kind: Kind
    issued_at: int
    score: int
    possible: int
    tier: Tier
    attestation: Attestation
    attested_by: str
    evidence: str
    nonce: str
    phases: tuple[PhaseResult, ...]

    @property
    def date(self) -> datetime:
        """When it was issued, in UTC."""
        return datetime.fromtimestamp(self.issued_at, tz=timezone.utc)

    @property
    def day(self) -> str:
        """The date for people, such as `4 March 2026`; the same in every locale."""
        return f"{self.date.day} {_MONTHS[self.date.month - 1]} {self.date.year}"

    def to_mapping(self) -> dict[str, Any]:
        """Return it as JSON values, with names."""
        made = asdict(self)
        made["issued_at"] = self.date.strftime("%Y-%m-%dT%H:%M:%SZ")
        made["phases"] = [asdict(phase) for phase in self.phases]
        return made

    def encode(self) -> bytes:
        """Return the bytes that are signed."""
        deflater = zlib.compressobj(9, zlib.DEFLATED, -15, zdict=_WORDS)
        return deflater.compress(self._text().encode("utf-8")) + deflater.flush()

    def _text(self) -> str:
        phases = [[p.name, p.title, p.points, p.possible, p.tier.value] for p in self.phases]
        fields = [
            1,
            self.workshop,
            self.name,
            self.kind.value,
            self.issued_at,
            self.score,
            self.possible,
            self.tier.value,
            self.attestation.value,
            self.attested_by,
            self.evidence,
            self.nonce,
            phases,
        ]
        return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def decode(cls, content: bytes) -> Record:
        """Read the bytes that were signed.

        Raises:
            CertificateInvalid: They are no record.
        """
        try:
            inflater = zlib.decompressobj(-15, zdict=_WORDS)
            text = inflater.decompress(content, _LARGEST_BYTES)
            if not inflater.eof or inflater.unused_data:
                raise ValueError("the record is cut off, or longer than it says")  # noqa: TRY301
            (
                version,
                workshop,
                name,
                kind,
                issued_at,
                score,
                possible,
                tier,
                who,
                by,
                evidence,
                nonce,
                phases,
            ) = json.loads(text)
            if version != 1:
                raise ValueError(f"format {version!r} is not known")  # noqa: TRY301
            record = cls(
                workshop=str(workshop),
                name=str(name),
                kind=Kind(kind),
                issued_at=int(issued_at),
                score=int(score),
                possible=int(possible),
                tier=Tier(tier),
                attestation=Attestation(who),
                attested_by=str(by),
                evidence=str(evidence),
                nonce=str(nonce),
                phases=tuple(
                    PhaseResult(str(n), str(t), int(p), int(of), Tier(on)) for n, t, p, of, on in phases
                ),
            )
            if record._text().encode("utf-8") != text or not record._is_sound():
                raise ValueError("it is not spelt as this workshop spells it")  # noqa: TRY301
        except (ValueError, TypeError, zlib.error, OverflowError, RecursionError) as exc:
            raise CertificateInvalid(
                "This is no certificate of this workshop.",
                evidence=f"its record cannot be read: {str(exc)[:200]}",
                fix="Ask its holder for the PDF as it was issued.",
            ) from exc
        return record

    def _is_sound(self) -> bool:
        """Whether it can be shown: anybody can sign anything with a key of their own."""
        shown = [
            self.workshop,
            self.name,
            self.attested_by,
            *(text for p in self.phases for text in (p.name, p.title)),
        ]
        numbers = [
            self.score,
            self.possible,
            *(number for p in self.phases for number in (p.points, p.possible)),
        ]
        return (
            bool(self.name.strip() and self.workshop.strip())
            and all(len(text) <= _LONGEST_TEXT and _is_plain(text) for text in shown)
            and all(0 <= number <= _MOST_POINTS for number in numbers)
            and len(self.phases) <= _MOST_PHASES
            and 0 <= self.issued_at <= _LAST_SECOND
            and _HEX.fullmatch(self.evidence + self.nonce) is not None
        )


def _is_plain(text: str) -> bool:
    """Whether a text has no line ends, control characters or direction marks; joiners belong to some scripts."""
    unseen = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    return all(char in "\u200c\u200d" or unicodedata.category(char) not in unseen for char in text)


_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
