from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from chaos_lib.certificate import keys
from chaos_lib.certificate.keys import KeyStore
from chaos_lib.certificate.record import Attestation
from chaos_lib.errors import InvalidInput, PermissionRefused


@pytest.fixture
def store(tmp_path: Path) -> KeyStore:
    return KeyStore(tmp_path / "keys")


def test_the_participants_key_is_made_at_first_use_and_kept(store: KeyStore) -> None:
    first = store.participant()

    assert store.participant().public == first.public
    assert stat.S_IMODE(store.path(Attestation.SELF).stat().st_mode) == 0o600
    assert [path.name for path in store.folder.iterdir()] == ["participant.pem"]


def test_of_many_first_users_all_get_the_same_key(store: KeyStore) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = {signer.public for signer in pool.map(lambda _: store.participant(), range(16))}

    assert len(found) == 1


def test_a_key_that_others_can_read_is_refused(store: KeyStore) -> None:
    store.participant()
    path = store.path(Attestation.SELF)
    path.chmod(0o644)

    with pytest.raises(PermissionRefused) as refused:
        store.participant()

    assert refused.value.what == "A private key can be read by others."
    assert "0644" in refused.value.evidence
    assert f"chmod 600 {path}" in refused.value.fix


def test_an_instructor_key_is_imported_and_never_overwritten_silently(store: KeyStore) -> None:
    assert store.instructor() is None
    first, second = keys.make_private_pem(), keys.make_private_pem()
    imported = store.import_instructor(first)

    assert store.instructor() == imported or store.instructor().public == imported.public  # type: ignore[union-attr]
    assert store.import_instructor(first).public == imported.public
    with pytest.raises(InvalidInput, match="another instructor key") as refused:
        store.import_instructor(second)
    assert imported.fingerprint in refused.value.evidence
    assert "--replace" in refused.value.fix

    replaced = store.import_instructor(second, replaces=True)
    assert store.instructor().public == replaced.public  # type: ignore[union-attr]
    kept = store.folder / f"instructor-{imported.fingerprint}.pem"
    assert kept.read_bytes() == first
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_a_key_with_a_password_is_imported_with_it(store: KeyStore) -> None:
    private = keys.parse_private(keys.make_private_pem())
    locked = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"open sesame"),
    )

    for password in (None, b"wrong"):
        with pytest.raises(InvalidInput, match="no private key that can be read") as refused:
            store.import_instructor(locked, password)
        assert "OPCHAOS_KEY_PASSWORD" in refused.value.fix
    assert store.import_instructor(locked, b"open sesame").public == private.public_key().public_bytes_raw()


def test_a_key_of_another_kind_is_refused(store: KeyStore) -> None:
    other = ec.generate_private_key(ec.SECP256R1())
    private = other.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = other.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )

    with pytest.raises(InvalidInput, match="private key is of another kind"):
        store.import_instructor(private)
    with pytest.raises(InvalidInput, match="public key is of another kind"):
        keys.parse_public(public)
    with pytest.raises(InvalidInput, match="no public key that can be read"):
        keys.parse_public(b"hello")


def test_trusted_keys_are_remembered_with_whose_they_are(store: KeyStore) -> None:
    public = keys.Signer.of(keys.parse_private(keys.make_private_pem())).public
    store.trust(public, "Dr. Grace Hopper")

    assert store.trusted() == {public: "Dr. Grace Hopper"}
    assert keys.parse_public(keys.public_pem(public)) == public


def test_a_written_key_file_is_new_and_private(tmp_path: Path) -> None:
    path = tmp_path / "instructor.pem"
    keys.write_private(path, keys.make_private_pem())

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(InvalidInput, match="never overwritten"):
        keys.write_private(path, keys.make_private_pem())
