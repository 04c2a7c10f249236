import { describe, expect, test } from "vitest";
import { judgeLock, parseLock, parseLockRefusal } from "./locks.ts";
import type { StackLock } from "./locks.ts";

const since = new Date("2026-11-25T20:00:00Z");
const lock: StackLock = { pid: 4711, host: "here", user: "root", since, file: "/l.json" };

function judge(found: { readonly program: string; readonly startedAt: Date } | undefined): string {
  const process = found === undefined ? undefined : { pid: 4711, parentPid: 1, ...found };
  return judgeLock(lock, () => process, "here");
}

describe("whether a lock is dead", () => {
  test("its process is gone", () => {
    expect(judge(undefined)).toBe("dead");
  });

  test("its process runs", () => {
    const startedAt = new Date("2026-11-25T19:59:59Z");
    expect(judge({ program: "pulumi", startedAt })).toBe("held");
  });

  test("the number belongs to a process that began later", () => {
    const startedAt = new Date("2026-11-25T20:30:00Z");
    expect(judge({ program: "pulumi", startedAt })).toBe("dead");
  });

  test("the number belongs to another program", () => {
    const startedAt = new Date("2026-11-25T19:59:59Z");
    expect(judge({ program: "postgres", startedAt })).toBe("dead");
  });

  test("of another machine nobody here can tell", () => {
    expect(judgeLock({ ...lock, host: "elsewhere" }, () => undefined, "here")).toBe("elsewhere");
  });
});

test("reads the engine's lock file, and nothing from half of one", () => {
  const text = `{"pid":4711,"username":"root","hostname":"here","timestamp":"2026-11-25T20:00:00Z"}`;
  expect(parseLock(text, "/l.json")).toEqual(lock);
  expect(parseLock(text.slice(0, 20), "/l.json")).toBeUndefined();
  expect(parseLock("{}", "/l.json")).toBeUndefined();
});

test("reads the locks from the engine's refusal", () => {
  const message =
    "error: the stack is currently locked by 2 lock(s). Either wait …\n" +
    "  postgres://****/x: created by root@here (pid 4711) at 2026-11-25T20:00:00Z\n" +
    "  postgres://****/y: created by aigerim@there (pid 12) at 2026-11-25T20:01:00+05:00";
  expect(parseLockRefusal(message).map(({ pid, host, user }) => [pid, host, user])).toEqual([
    [4711, "here", "root"],
    [12, "there", "aigerim"],
  ]);
  expect(parseLockRefusal("something else")).toEqual([]);
});
