"""A process that starts a lab on an engine of its own: `up_driver.py HOME CACHE ENGINE_FOLDER`.

Only Redis's image and no services: enough for a real build, quick enough for a test. Prints its progress.
"""

import sys
from pathlib import Path

from chaos_lib.errors import ChaosError
from chaos_lib.lab import Lab
from chaos_lib.lab.containers_facility import ContainersFacility
from chaos_lib.lab.docker_containers import DockerContainers
from chaos_lib.lab.engine_places import EnginePlaces
from chaos_lib.lab.facility import Progress
from chaos_lib.lab.image_catalogue import REDIS
from chaos_lib.lab.own_engine import OwnEngine
from chaos_lib.settings import Settings


def lab(home: Path, cache: Path, folder: Path) -> Lab:
    settings = Settings(home=home, cache=cache, engine_folder=folder, images="offline")
    own = OwnEngine(EnginePlaces.of(folder), manages_firewall=False)
    provider = DockerContainers(settings, own_engine=own, images=(REDIS,), looks_elsewhere=False)
    return Lab(settings, [ContainersFacility(settings, [provider])])


def main() -> None:
    def tell(progress: Progress) -> None:
        print(f"{progress.step}: {progress.detail}", flush=True)

    try:
        lab(*(Path(argument) for argument in sys.argv[1:4])).up(tell)
    except ChaosError as error:
        print(f"{type(error).__name__}: {error.text}", flush=True)
        raise SystemExit(1) from error
    print("UP", flush=True)


if __name__ == "__main__":
    main()
