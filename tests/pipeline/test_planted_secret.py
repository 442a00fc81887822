"""A secret that a pipeline tries to print in many ways is in no byte of what a build and a played notebook leave behind.

The artefacts are the exception, here as in Jenkins: what a pipeline archives is the pipeline's own product. So is the store
that keeps the secret.
"""

from __future__ import annotations

import base64
import html
import json
import shlex
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape, quoteattr

import pytest

from tests.cli.conftest import Cli, cli, with_lab
from tests.cli.small_workshop import Workshop, code

__all__ = ["cli", "with_lab"]

CORE = "pLn7Ed4KxQw9"
SECRET = f'{CORE}\'s "k&y" <a+b/c=%> $x \\ `z` ~ü {CORE[::-1]}'
PHASE = "phase-3-jenkins"
# Each line is one way to print it; the comments are for the reader of a failure.
WAYS = r"""
set +x
echo "$KEY"
printf '%s' "$KEY" | base64
printf 'x%s' "$KEY" | base64 -w0; echo
printf 'xy%s\n' "$KEY" | base64 | tr '+/' '-_'
printf '%.20s' "$KEY"; sleep 0.05; printf '%s\n' "${KEY#????????????????????}"
printf '%q\n' "$KEY" || true
/usr/bin/printf '%q\n' "$KEY"
printf '%s' "$KEY" | od -An -v -tx1 | tr -d ' \n'; echo
printf '%s' "$KEY" | od -An -v -tx1
env
export -p
set
bash -c 'set -x; : "$KEY"; declare -p KEY; printf "%q %s\n" "$KEY" "${KEY@Q}"; export -p' 2>&1
sh -xc ': "$KEY"' 2>&1
echo "$KEY" 1>&2
echo "https://user:$KEY@example.org/?token=$KEY"
python3 ways.py
cat reports/*.xml
find reports
cat "nowhere/$KEY" || true
"$KEY" || true
"""
BY_PYTHON = r"""
import base64, html, json, os, shlex, sys, urllib.parse
import xml.sax.saxutils as sax
key = os.environ["KEY"]
print(repr(key), ascii(key), json.dumps(key), json.dumps({"a": [key]}, ensure_ascii=False), json.dumps(json.dumps(key)))
print(shlex.quote(key), urllib.parse.quote(key), urllib.parse.quote(key, safe=""), urllib.parse.quote_plus(key))
print(urllib.parse.quote(key, safe="~()*!.'"), urllib.parse.quote(key, safe="").replace("%2F", "%2f").lower())
print(html.escape(key), html.escape(key, quote=False), sax.escape(key), sax.quoteattr(key))
print(html.escape(key).replace("&#x27;", "&#39;"), html.escape(html.escape(key)))
print(key.encode(), base64.b64encode(key.encode()).decode(), base64.urlsafe_b64encode(key.encode()).decode().rstrip("="))
print(base64.b64encode(f"user:{key}".encode()).decode(), base64.b64encode(base64.b64encode(key.encode())).decode())
print(base64.encodebytes((key * 4).encode()).decode(), key.encode().hex(), key.encode().hex().upper(), key.encode().hex(":"))
print(base64.b32encode(key.encode()).decode(), "\n".join([key[:9] + key[9:]] * 2))
sys.stderr.write(key[:7]); sys.stderr.flush(); sys.stderr.write(key[7:] + "\n")
sys.stdout.buffer.write(key.encode("utf-8") + b"\n" + b"\xff" + key.encode() + b"\xff\n")
for letter in key:
    sys.stdout.write(letter); sys.stdout.flush()
case = "<testcase classname={0} name={0}><failure message={0}>{1}</failure><system-out>{1}</system-out><system-err><![CDATA[{2}]]></system-err></testcase>"
os.makedirs("reports", exist_ok=True)
text = "<testsuite name={0}>" + case + "</testsuite>"
plain = key.replace("]]>", "")
open("reports/kept.xml", "w").write(text.format(sax.quoteattr(key), sax.escape(key), plain))
path = "reports/TEST-" + key + ".xml"
os.makedirs(os.path.dirname(path), exist_ok=True)
open(path, "w").write("<testsuite><testcase name='a'/></testsuite>")
raise SystemExit("ended with " + key)
"""
JENKINSFILE = """pipeline {
    agent any
    environment { KEY = credentials('signing-key') }
    options { timestamps() }
    stages {
        stage('Print') {
            steps {
                writeFile file: 'ways.py', text: readFile('planted/ways.py')
                catchError(buildResult: 'SUCCESS', stageResult: 'FAILURE') { sh readFile('planted/ways.sh') }
                sh 'python3 ways.py || true'
                echo "${KEY} ${env.KEY} ${[KEY, [a: KEY]]}"
                withEnv(["COPY=${KEY}", 'OTHER=x']) { sh 'echo "$COPY"; [ -n "$COPY" ] && echo yes' }
                script {
                    env.LEAK = KEY
                    currentBuild.description = KEY
                    currentBuild.displayName = "#1 ${KEY}"
                    def said = sh(script: 'printf %s "$KEY"', returnStdout: true)
                    echo said.inspect()
                    println said.bytes.encodeBase64().toString()
                    try { error "caught ${KEY}" } catch (e) { echo "${e}" }
                }
                unstable "unstable because of ${KEY}"
                catchError(buildResult: 'UNSTABLE') { error "not caught ${KEY}" }
            }
            post { always { junit 'reports/**/*.xml' } }
        }
        stage('Ask') { steps { input message: "Is it ${env.LEAK}?", ok: "${env.LEAK}" } }
        stage('Name') { when { expression { echo "${KEY}"; true } }
            steps { script { stage("of ${KEY}") { echo 'within' } }
                    build job: "${KEY}" } }
    }
    post { always { echo "post ${KEY}" } cleanup { error "the end ${KEY}" } }
}
""".replace("} cleanup", "}\n           cleanup")


def encoded(secret: str) -> Mapping[str, bytes]:
    """Return the forms of a secret that a reader can turn back; those that hold `CORE` are found by it."""
    data = secret.encode()
    found = {
        "a part of it": CORE,
        "its other part": CORE[::-1],
        "hex": data.hex(),
        "hex with blanks": data.hex(" ", 1)[:40],
        "hex with colons": data.hex(":")[:40],
        "base32": base64.b32encode(data).decode()[:40],
        "base64 of base64": base64.b64encode(base64.b64encode(data)).decode()[:40],
        "url": quote(secret, safe=""),
        "url of a form": quote_plus(secret),
        "shell": shlex.quote(secret),
        "JSON": json.dumps(secret)[1:-1],
        "XML": escape(secret),
        "an attribute of XML": quoteattr(secret)[1:-1],
        "HTML": html.escape(secret),
    }
    for pad in range(3):
        whole = base64.b64encode(b"\0" * pad + data).decode()
        found[f"base64 behind {pad} bytes"] = whole[4:40]
        found[f"base64 for URLs behind {pad} bytes"] = whole[4:40].replace("+", "-").replace("/", "_")
    return {name: form.encode() for name, form in found.items()}


def leaks(name: str, content: bytes) -> list[str]:
    """Return where the secret is in this content, in lines that are broken or not."""
    flat = content.replace(b"\\n", b"").replace(b"\r", b"").replace(b"\n", b"")
    lower = flat.lower()
    return [
        f"{name}: {form} …{content[max(0, content.find(text) - 40) : content.find(text) + 90]!r}"
        for form, text in encoded(SECRET).items()
        if text in content or text in flat or (form.startswith("hex") and text.lower() in lower)
    ]


def files_below(*folders: Path) -> Iterator[Path]:
    """Yield every file but artefacts and the store of credentials."""
    for folder in folders:
        for path in folder.rglob("*"):
            if path.is_file() and not {"archive", "credentials"} & set(path.relative_to(folder).parts):
                yield path


@pytest.fixture
def planted(tmp_path: Path) -> Path:
    """A folder beside everything that is searched, with the secret, the pipeline, and its two scripts."""
    folder = tmp_path / "planted"
    folder.mkdir()
    (folder / "secret").write_text(SECRET, encoding="utf-8")
    (folder / "Jenkinsfile").write_text(
        JENKINSFILE.replace("planted/", f"{folder.as_posix()}/"), encoding="utf-8"
    )
    (folder / "ways.sh").write_text(WAYS, encoding="utf-8")
    (folder / "ways.py").write_text(BY_PYTHON, encoding="utf-8")
    return folder


def test_the_command_line_shows_and_keeps_no_byte_of_a_planted_secret(
    cli: Cli, planted: Path, tmp_path: Path
) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "credentials.yaml").write_text(
        f"signing-key: {{kind: string, from_file: {planted / 'secret'}}}\n", encoding="utf-8"
    )

    exit_code, output = cli.wait(
        "--home", str(tmp_path / "mission"), "pipeline", "run", str(planted / "Jenkinsfile"),
        "--workspace", str(project), "--credentials", str(project / "credentials.yaml"), "--builds", str(tmp_path / "kept"),
    )  # fmt: skip

    assert exit_code == 1, output
    assert output.count("****") > 60, output
    # Blank before it: the last thing that is tried has been tried.
    assert "the end ****" in output
    found = list(files_below(tmp_path / "kept", tmp_path / "mission"))
    assert {"log", "stages.json", "build.json", "kept.xml"} <= {path.name for path in found}
    assert leaks("output", output.encode()) == []
    assert [leak for path in found for leak in leaks(path.name, path.name.encode() + path.read_bytes())] == []


@pytest.mark.notebooks
@pytest.mark.timeout(600)
def test_a_played_notebook_leaves_no_byte_of_a_planted_secret(
    with_lab: Cli, planted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workshop = Workshop(tmp_path / "repo")
    monkeypatch.setenv("OPCHAOS_REPOSITORY", str(workshop.root))
    workshop.add(PHASE, [code(source) for source in _cells(planted)])
    out = tmp_path / "results"

    exit_code, output = with_lab.wait("run", "--only", "3", "--out", str(out))

    assert exit_code == 1, output
    assert "phase-3.pipeline" in output
    played = (out / "notebooks" / f"{PHASE}.ipynb").read_text(encoding="utf-8")
    assert played.count("****") > 60
    assert "the end ****" in played
    names = [path.relative_to(out).as_posix() for path in files_below(out)]
    for kind in (
        ".ipynb",
        "report.html",
        "junit.xml",
        "stages.json",
        "mission.sqlite",
        "/log",
        "journal.jsonl",
    ):
        assert [name for name in names if kind in name], f"{kind} in {names}"
    assert leaks("output", output.encode()) == []
    assert [leak for path in files_below(out) for leak in leaks(str(path), path.read_bytes())] == []
    shown = [value for cell in json.loads(played)["cells"] for value in _strings(cell.get("outputs", []))]
    assert [leak for value in shown for leak in leaks("notebook", html.unescape(value).encode())] == []
    for database in out.rglob("*.sqlite"):
        with sqlite3.connect(database) as opened:
            dump = "\n".join(opened.iterdump())
        assert leaks(database.name, dump.encode()) == []


def _cells(planted: Path) -> list[str]:
    """Put the secret into the store, play the pipeline in every way that the phase knows, and look at everything."""
    return [
        "import chaos_lib as chaos\nchaos.start('phase-3-jenkins')",
        (
            "from pathlib import Path\nfrom pydantic import SecretStr\n"
            "from chaos_lib.credentials import Credential\nfrom chaos_lib.pipeline.declared import store_of\n"
            "from chaos_lib.settings import Settings\n"
            f"planted = Path({str(planted)!r})\n"
            "store_of(Settings()).put('signing-key', Credential(kind='string', "
            "secret=SecretStr((planted / 'secret').read_text())))\n"
            "_ = (Settings().workspace / 'Jenkinsfile').write_text((planted / 'Jenkinsfile').read_text())"
        ),
        "build = chaos.run_pipeline()",
        "build.log('Print')",
        "build.log()",
        "chaos.defend('pipeline-run')",
        "chaos.defend('pipeline-secret-scan')",
        (
            "from chaos_lib.errors import CheckFailed\nfor name in ('phase-3.pipeline', 'phase-3.credentials'):\n"
            "    try:\n        chaos.check(name)\n    except CheckFailed as failed:\n        print(failed)"
        ),
        "panel = chaos.panel('jenkinsfile_corrupt')\npanel",
        "panel.press('launch')",
        "panel.press('symptom')",
        "chaos.diff()",
        # A failing cell: banner, traceback and evidence are in the notebook and in the report.
        "chaos.check('phase-3.pipeline')",
    ]


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _strings(each)
    elif isinstance(value, list):
        yield "".join(each for each in value if isinstance(each, str))
        for each in value:
            yield from _strings(each)
