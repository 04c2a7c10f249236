import { expect, test } from "vitest";
import { PendingJobs } from "./pending-jobs.ts";

test("jobs that wait for the log are bounded, and make room when they are durable or failed", async () => {
  const pending = new PendingJobs(10);
  const disk = Promise.withResolvers<string>();
  const first = pending.hold(8, () => disk.promise);
  expect(await pending.hold(3, () => Promise.resolve("second"))).toBeUndefined();
  expect(await pending.hold(2, () => Promise.resolve("fits"))).toBe("fits");
  disk.resolve("durable");
  expect(await first).toBe("durable");
  await expect(pending.hold(9, () => Promise.reject(new Error("disk")))).rejects.toThrow("disk");
  expect(await pending.hold(1_000, () => Promise.resolve("alone"))).toBe("alone");
});
