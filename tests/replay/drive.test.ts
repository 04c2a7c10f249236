import { type AdvanceResponse, Job, Rejection } from "@ertis/api";
import { ErtisError, type SubmitOutcome } from "@ertis/client";
import { describe, expect, it } from "vitest";
import { type Arrival, drive, type DriveClient } from "./drive.ts";

function arrivalAt(atMs: number, requestId: string): Arrival {
  return { atMs, entry: { requestId, spec: {} } };
}

/** Writes down what is asked; `unfinishedAnswers` says how often a job is still found at the end. */
function fakeClient(options: {
  readonly outcomeOf?: (requestId: string) => SubmitOutcome;
  readonly stopsEarly?: number;
  readonly unfinishedAnswers?: number;
}): DriveClient & { readonly calls: string[] } {
  const calls: string[] = [];
  let stopsEarly = options.stopsEarly ?? 0;
  let unfinishedAnswers = options.unfinishedAnswers ?? 0;
  const accept = (requestId: string): SubmitOutcome => {
    return {
      kind: "accepted",
      requestId,
      jobId: "1",
      isNew: true,
      sequence: 1,
      deadlineMissedByMs: 0,
    };
  };
  return {
    calls,
    submit: (entries) => {
      const ids = entries.map(({ requestId = "" }) => requestId);
      calls.push(`submit ${ids.join(" ")}`);
      return Promise.resolve(ids.map(options.outcomeOf ?? accept));
    },
    advanceClock: (toTimeMs): Promise<AdvanceResponse> => {
      calls.push(`advance ${toTimeMs}`);
      const quiet = stopsEarly === 0;
      stopsEarly -= quiet ? 0 : 1;
      const nowTimeMs = quiet ? toTimeMs : toTimeMs - 1;
      return Promise.resolve({ nowTimeMs, sequence: 1, quiet, nextDueTimeMs: 0 });
    },
    async *jobs(): AsyncGenerator<Job> {
      if (unfinishedAnswers > 0) {
        unfinishedAnswers -= 1;
        yield Job.fromPartial({});
      }
    },
  };
}

describe("drive", () => {
  it("submits all jobs of one moment in one call, and steps the clock in between", async () => {
    const client = fakeClient({});
    const result = await drive(
      client,
      [arrivalAt(5, "a"), arrivalAt(5, "b"), arrivalAt(9, "c")],
      () => {},
    );
    expect(client.calls).toEqual(["advance 5", "submit a b", "advance 9", "submit c"]);
    expect([...result.acknowledged.keys()]).toEqual(["a", "b", "c"]);
    expect(result).toMatchObject({ refusedCount: 0, endedAtMs: 9 });
    expect(result.submitMs).toHaveLength(2);
  });

  it("asks again when the clock stopped before the moment", async () => {
    const client = fakeClient({ stopsEarly: 2 });
    await drive(client, [arrivalAt(5, "a")], () => {});
    expect(client.calls).toEqual(["advance 5", "advance 5", "advance 5", "submit a"]);
  });

  it("goes on in steps of six hours until no job is left", async () => {
    const client = fakeClient({ unfinishedAnswers: 2 });
    const moments: number[] = [];
    const result = await drive(client, [arrivalAt(5, "a")], ({ nowMs }) => moments.push(nowMs));
    expect(result.endedAtMs).toBe(5 + 2 * 21_600_000);
    expect(moments).toEqual([5, 21_600_005, 43_200_005]);
  });

  it("gives up when jobs never end", async () => {
    const client = fakeClient({ unfinishedAnswers: Number.POSITIVE_INFINITY });
    await expect(drive(client, [arrivalAt(5, "a")], () => {})).rejects.toThrow("unfinished");
  });

  it("counts refusals and failures, and says why", async () => {
    const client = fakeClient({
      outcomeOf: (requestId) =>
        requestId === "a"
          ? {
              kind: "refused",
              requestId,
              rejection: Rejection.fromPartial({ reason: "NEVER_FITS", message: "too large" }),
            }
          : {
              kind: "failed",
              requestId,
              error: new ErtisError({ code: "UNAVAILABLE", reason: "GONE", message: "no answer" }),
            },
    });
    const result = await drive(client, [arrivalAt(5, "a"), arrivalAt(5, "b")], () => {});
    expect(result.acknowledged.size).toBe(0);
    expect(result.refusedCount).toBe(2);
    expect(result.refusals).toEqual(["a: NEVER_FITS too large", "b: GONE no answer"]);
  });
});
