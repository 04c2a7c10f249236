import fc from "fast-check";
import { expect, it } from "vitest";
import type { Attempt } from "../state/job.ts";
import type { SiteState } from "../state/site-state.ts";
import { AttemptRank, type Ranked } from "./attempt-ranks.ts";

const attemptCount = 12;
const change = fc.record({
  job: fc.integer({ min: 0, max: attemptCount - 1 }),
  /** Undefined: it leaves the site. */
  cap: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
});

it("keeps attempts in order, however many have changed since it was last asked", () => {
  fc.assert(
    fc.property(fc.array(fc.array(change), { maxLength: 8 }), (rounds) => {
      const all = Array.from({ length: attemptCount }, (_, job) => fakeAttempt(job));
      const site = { attempts: new Set(all.slice(0, attemptCount / 2)) };
      const rank = new AttemptRank();
      for (const changes of rounds) {
        for (const { job, cap } of changes) {
          const attempt = all[job] ?? fakeAttempt(job);
          if (cap === undefined) {
            site.attempts.delete(attempt);
          } else {
            attempt.capWatts = cap;
            site.attempts.add(attempt);
          }
          rank.touch(attempt);
        }
        const expected = [...site.attempts]
          .map(({ capWatts, job }) => [capWatts, job])
          .toSorted(([a = 0, first = 0], [b = 0, second = 0]) => a - b || first - second);
        expect(inOrder(rank, site)).toEqual(expected);
        const asked = inOrder(rank, site, (feedScaled, untilMs) => feedScaled <= 1 && untilMs >= 4);
        expect(asked).toEqual(expected.filter(([cap = 0, job = 0]) => cap <= 1 && job >= 4));
      }
    }),
  );
});

it("ranks those anew that have changed, also where they are more than a thousand of many", () => {
  const all = Array.from({ length: 3_000 }, (_, job) => fakeAttempt(job));
  const site = { attempts: new Set(all) } as SiteState;
  const rank = new AttemptRank();
  let ranked = 0;
  const rule = (attempt: Attempt): Ranked => {
    ranked += 1;
    return byCap(attempt);
  };
  const ask = (): readonly number[] => [...rank.inOrder(site, rule)].map((one) => one.attempt.job);
  ask();
  for (let round = 1; round <= 5; round += 1) {
    ranked = 0;
    for (const attempt of all.slice(0, 1_200)) {
      attempt.capWatts = round;
      rank.touch(attempt);
    }
    const after = Array.from({ length: 3_000 }, (_, at) => (at + 1_200) % 3_000);
    expect(ask()).toEqual(after);
    expect(ranked).toBe(1_200);
  }
});

function inOrder(
  rank: AttemptRank,
  { attempts }: { readonly attempts: Set<Attempt> },
  isAsked?: (feedScaled: number, untilMs: number) => boolean,
): (readonly [number, number])[] {
  // A rank asks a site for nothing else.
  const site = { attempts } as SiteState;
  return [...rank.inOrder(site, byCap, isAsked)].map(
    ({ attempt: { capWatts, job } }) => [capWatts, job] as const,
  );
}

function byCap(attempt: Attempt): Ranked {
  return { attempt, key: attempt.capWatts, feedScaled: attempt.capWatts, untilMs: attempt.job };
}

function fakeAttempt(job: number): Attempt {
  const attempt: Partial<Attempt> = { job, task: 0, capWatts: 0 };
  // A rank looks at nothing else.
  return attempt as Attempt;
}
