import { expect, test } from "vitest";
import { hourMs, Hub } from "../testing/test-hub.ts";
import { jobState } from "./job.ts";

test("a dependency that was met stays met after the job it names has left memory", () => {
  const hub = new Hub();
  const short = hub.run();
  const long = hub.run();
  const last = hub.submit({
    dependencies: [
      { job: short, condition: "after-ok" },
      { job: long, condition: "after-any" },
    ],
  });
  hub.finish(short);
  hub.wait(8 * 24 * hourMs);
  expect(hub.state.jobs.get(short)).toBeUndefined();
  hub.finish(long);
  const job = hub.state.jobs.get(last);
  expect(job === undefined ? undefined : jobState(job)).toBe("queued");
});
