import { afterAll, beforeAll, expect, test } from "vitest";
import { type FakeHub, startFakeHub } from "../testing/fake-hub.ts";
import { runErtis } from "../testing/run-ertis.ts";

let hub: FakeHub;

beforeAll(async () => {
  hub = await startFakeHub();
});

afterAll(() => hub.close());

async function told(command: string, workloadClass: string) {
  const words = [command, "--gpus", "8", "--time", "1h", "--class", workloadClass];
  return runErtis(hub.address, [...words, "--wrap", "sleep 1"], {});
}

test.each(["submit", "plan"])(
  "%s says what a class nobody measured is taken for",
  async (command) => {
    const { code, err } = await told(command, "foo");
    expect(code).toBe(0);
    expect(err).toContain(
      "class foo was never measured: under a cap it counts as the slowest class",
    );
    expect((await told(command, "pretrain")).err).toContain("did you mean pre-train?");
  },
);

test.each(["pre-train", "gptj"])("%s is known", async (workloadClass) => {
  expect((await told("submit", workloadClass)).err).toBe("");
});
