import { expect, test } from "vitest";
import { exitCodes, OperationProblem } from "../problem.ts";
import { lookFirst } from "./look-first.ts";
import type { FirstLook } from "./look-first.ts";

/** What was done, and how it ended. */
async function look(changes: Partial<FirstLook>): Promise<readonly string[]> {
  const done: string[] = [];
  try {
    await lookFirst({
      isAnswered: false,
      canAsk: true,
      ...changes,
      preview: async () => {
        done.push("preview");
        return changes.preview?.() ?? exitCodes.ok;
      },
      ask: async () => {
        done.push("ask");
        return changes.ask?.() ?? "yes";
      },
    });
    return [...done, "go on"];
  } catch (error) {
    if (error instanceof OperationProblem) {
      return [...done, `exit ${error.exitCode}`];
    }
    throw error;
  }
}

const stopped = async () => exitCodes.failed;

test("an up is previewed, then asked about", async () => {
  expect(await look({})).toEqual(["preview", "ask", "go on"]);
  expect(await look({ ask: async () => "no" })).toEqual(["preview", "ask", "exit 130"]);
});

test("--yes leaves out the question, never the preview", async () => {
  expect(await look({ isAnswered: true, canAsk: false })).toEqual(["preview", "go on"]);
});

test("a preview that a rule stops lets nothing begin", async () => {
  expect(await look({ preview: stopped })).toEqual(["preview", "exit 1"]);
  expect(await look({ preview: stopped, isAnswered: true })).toEqual(["preview", "exit 1"]);
});

test("with nobody to answer nothing is looked at", async () => {
  expect(await look({ canAsk: false })).toEqual(["exit 64"]);
});
