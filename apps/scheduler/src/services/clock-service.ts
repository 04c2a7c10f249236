import type { AdvanceRequest, AdvanceResponse, GetClockResponse } from "@ertis/api";
import { ClockServiceService } from "@ertis/api";
import type { SteppedClock } from "@ertis/executor-simulated";
import { instant, toNumber } from "@ertis/quantities";
import type { Scheduler } from "@ertis/scheduler-runtime";
import type { Server } from "@grpc/grpc-js";
import { instantMsMax } from "../limits/limits.ts";
import { invalidField, Refusal } from "../mapping/refusal.ts";
import { implement, type ImplementOptions } from "../server/implement.ts";

export interface SteppedTime {
  readonly clock: SteppedClock;
  readonly scheduler: Scheduler;
}

/** The rest of a call's time is for the answer. */
const shareOfCall = 0.6;

/** ertis.simulation.v1: only on a server whose time is stepped. */
export function addClockService(
  server: Server,
  timeOf: () => SteppedTime,
  options: ImplementOptions & { readonly callMsMax: number },
): void {
  const advancing = new OneAtATime();
  implement(
    server,
    ClockServiceService,
    {
      advance: (request) => advancing.run(() => advance(timeOf(), request, options.callMsMax)),
      getClock: () => Promise.resolve(clockNow(timeOf())),
    },
    options,
  );
}

class OneAtATime {
  #isBusy = false;

  async run<T>(work: () => Promise<T>): Promise<T | Refusal> {
    if (this.#isBusy) {
      return new Refusal(
        "CLOCK_IS_BUSY",
        "the clock is being advanced by another call; wait for it",
      );
    }
    this.#isBusy = true;
    try {
      return await work();
    } finally {
      this.#isBusy = false;
    }
  }
}

/** Goes from one due moment to the next, so that a call that takes too long stops in between. */
async function advance(
  time: SteppedTime,
  { toTimeMs }: AdvanceRequest,
  callMsMax: number,
): Promise<AdvanceResponse | Refusal> {
  const { clock } = time;
  if (toTimeMs > instantMsMax) {
    return invalidField("to_time_ms", `found ${toTimeMs}, but at most ${instantMsMax} is allowed`);
  }
  if (toTimeMs < toNumber(clock.now())) {
    return new Refusal(
      "CLOCK_GOES_BACK",
      `to_time_ms: found ${toTimeMs}, but the clock stands at ${toNumber(clock.now())} and never goes back`,
    );
  }
  const stopAtMs = performance.now() + callMsMax * shareOfCall;
  let isDone = false;
  while (!isDone && performance.now() < stopAtMs) {
    const next = clock.nextDueAt();
    const nextMs = next === undefined ? toTimeMs : Math.max(toNumber(next), toNumber(clock.now()));
    isDone = nextMs >= toTimeMs;
    await clock.advanceTo(instant(isDone ? toTimeMs : nextMs));
    isDone &&= toNumber(clock.nextDueAt() ?? instant(toTimeMs + 1)) > toTimeMs;
  }
  return clockNow(time);
}

function clockNow({ clock, scheduler }: SteppedTime): GetClockResponse {
  const nowTimeMs = toNumber(clock.now());
  const next = clock.nextDueAt();
  const nextDueTimeMs = next === undefined ? 0 : toNumber(next);
  return {
    nowTimeMs,
    sequence: scheduler.lastSequence,
    quiet: nextDueTimeMs === 0 || nextDueTimeMs > nowTimeMs,
    nextDueTimeMs,
  };
}
