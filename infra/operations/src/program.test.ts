import { afterEach, expect, test, vi } from "vitest";
import { run } from "./program.ts";
import { readSettingsProblem } from "./settings/run-settings.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

interface Said {
  readonly code: number;
  readonly text: string;
}

async function say(...argv: readonly string[]): Promise<Said> {
  let text = "";
  vi.spyOn(process.stderr, "write").mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  const output = {
    isScreen: false,
    print: (part: string) => (text += part),
    say: (line: string) => (text += `${line}\n`),
    setStatus: () => undefined,
  };
  const code = await run(argv, output);
  return { code, text };
}

test("an unknown flag or command gets the nearest one", async () => {
  expect(await say("preview", "--dif")).toEqual({
    code: 64,
    text: expect.stringContaining("Did you mean --diff?"),
  });
  expect(await say("previw")).toEqual({
    code: 64,
    text: expect.stringContaining("Did you mean preview?"),
  });
});

test("a count of hosts that is none", async () => {
  for (const text of ["0", "-1", "1.5", "many"]) {
    expect((await say("up-local", "--hosts-per-site", text)).code).toBe(64);
  }
});

test("an unknown site of images gets the nearest ones", async () => {
  expect(await say("images", "--site", "pavlodar-hb")).toEqual({
    code: 64,
    text: expect.stringContaining("the nearest names are pavlodar-hub"),
  });
});

test("production needs a backend of one's own and a passphrase", () => {
  const file = { PULUMI_BACKEND_URL: "file:///state", PULUMI_CONFIG_PASSPHRASE: "x" };
  expect(readSettingsProblem(file)).toBeUndefined();
  expect(readSettingsProblem({})).toMatch(/PULUMI_BACKEND_URL is not set/);
  expect(readSettingsProblem({ ...file, PULUMI_BACKEND_URL: "https://api.pulumi.com" })).toMatch(
    /the state would leave the country/,
  );
  expect(readSettingsProblem({ PULUMI_BACKEND_URL: "postgres://x/y" })).toMatch(/PASSPHRASE/);
});
