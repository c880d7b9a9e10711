"""The sandbox's own doors, under ``/_sandbox``: faults, changes, what was asked, and the truth."""

import json

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from roosevelt_pipeline.sandbox.deliveries import Hook
from roosevelt_pipeline.sandbox.faults import Fault
from roosevelt_pipeline.sandbox.happenings import happen
from roosevelt_pipeline.sandbox.state import SandboxState

_TRUTHS = ("deployments", "changes", "incidents")


def doors(state: SandboxState) -> list[Route]:
    async def faults(request: Request) -> Response:
        if request.method == "DELETE":
            state.faults.clear()
            return Response(status_code=204)
        if request.method == "POST":
            script = await request.json()
            try:
                for entry in script if isinstance(script, list) else [script]:
                    state.faults.add(Fault.of(entry))
            except (ValueError, TypeError) as error:
                return JSONResponse({"message": str(error)}, 422)
        # ASCII, because a mutation may hold what UTF-8 cannot.
        waiting = json.dumps([vars(fault) for fault in state.faults.waiting])
        return Response(waiting, 201 if request.method == "POST" else 200, media_type="application/json")

    async def changes(request: Request) -> Response:
        script = await request.json()
        before = state.store.copy() if state.hook else None
        try:
            for change in script if isinstance(script, list) else [script]:
                happen(state.store, change)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            return JSONResponse({"message": str(error)}, 422)
        if before and state.hook:
            return JSONResponse({"delivered": await run_in_threadpool(state.hook.tell, before, state.store)})
        return Response(status_code=204)

    async def hook(request: Request) -> Response:
        if request.method == "DELETE":
            state.hook = None
            return Response(status_code=204)
        try:
            state.hook = Hook.of(await request.json())
        except ValueError as error:
            return JSONResponse({"message": str(error)}, 422)
        return Response(status_code=204)

    async def requests(request: Request) -> Response:
        if request.method == "DELETE":
            state.journal.reset()
            return Response(status_code=204)
        return JSONResponse(state.journal.summary())

    async def truth(request: Request) -> Response:
        kind = request.path_params["kind"]
        if kind not in _TRUTHS:
            return JSONResponse({"message": f"the truth is told of {', '.join(_TRUTHS)}"}, 404)
        return JSONResponse(state.store.docs(f"select doc from truth_{kind} order by rowid"))

    return [
        Route("/_sandbox/faults", faults, methods=["GET", "POST", "DELETE"]),
        Route("/_sandbox/hook", hook, methods=["PUT", "DELETE"]),
        Route("/_sandbox/changes", changes, methods=["POST"]),
        Route("/_sandbox/requests", requests, methods=["GET", "DELETE"]),
        Route("/_sandbox/truth/{kind}", truth),
    ]
