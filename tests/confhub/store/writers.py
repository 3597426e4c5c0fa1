"""A process whose tasks all write to one store at once; says on standard output what failed.

python -m tests.confhub.store.writers NAME TASKS WRITES DATA_DIR [DATABASE]
"""

from __future__ import annotations

import asyncio
import datetime as dt
import sys

from confhub.config import Settings
from confhub.errors import ConfhubError
from confhub.store import Store, open_store

ACTION = "test.written"


async def write(store: Store, name: str, task: int, writes: int) -> None:
    for number in range(writes):
        subject = f"{name}-{task}-{number}"
        try:
            await store.audit.write(ACTION, subject=subject, at=dt.datetime.now(dt.UTC))
        except ConfhubError as error:
            print(f"{subject}: {error}")


async def main(name: str, tasks: int, writes: int, settings: Settings) -> None:
    store = await open_store(settings)
    # Both processes begin when both are ready.
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    await asyncio.gather(*(write(store, name, task, writes) for task in range(tasks)))
    await store.close()


if __name__ == "__main__":
    who, many, each, folder, *database = sys.argv[1:]
    chosen = Settings(data_dir=folder, database="".join(database))
    asyncio.run(main(who, int(many), int(each), chosen))
