import { afterEach, beforeEach, expect, test } from "vitest";
import { type FakeHub, startFakeHub } from "../testing/fake-hub.ts";
import { sampleNowMs } from "../testing/sample-power.ts";
import { type Ran, runErtis } from "../testing/run-ertis.ts";

let hub: FakeHub;

beforeEach(async () => {
  hub = await startFakeHub();
});

afterEach(async () => {
  await hub.close();
});

async function ertis(line: string): Promise<Ran> {
  return runErtis(hub.address, line.split(" "), { cwd: "." });
}

test("budget set lists the promised starts that move, with both times", async () => {
  const line = "budget set noon pavlodar-hub 12.5MW --reason contract";
  const { out, code } = await ertis(line);
  expect(code).toBe(0);
  expect(out).toMatch(/^noon +/m);
  expect(out).toMatch(/^JOB +PROMISED START +MOVES TO$/m);
  expect(out).toMatch(/^1044 .*\(in 40 min\) .*\(in 4 h 40 min\) at 520 W a GPU$/m);
  expect(out).toMatch(
    /^1045 .* not kept; it is promised another as soon as one can be: "ertis why 1045" tells$/m,
  );
  expect(JSON.parse((await ertis(`${line} -o json`)).out)).toMatchObject([
    { id: "noon", movedStarts: [{ jobId: "1044", capWatts: 520 }, { jobId: "1045" }] },
  ]);
  const quiet = await ertis("budget set evening pavlodar-hub 12.5MW --reason contract");
  expect(quiet.out).not.toContain("MOVES TO");
  expect((await ertis(`${line} -o name`)).out).toBe("noon\n");
});

test("a budget that ends before it begins is refused in the words of the command", async () => {
  const { code, err } = await ertis(
    "budget set noon pavlodar-hub 12.5MW --from now+2h --until now+1h --reason contract",
  );
  expect(code).toBe(2);
  expect(err).toMatch(/the budget ends before it begins: .* is not after .*\(in 2 h\)/);
  expect(err).toContain("give a later --until");
});

test("a budget may be given its length, counted from its beginning, as a curtailment may", async () => {
  const line = "budget set noon pavlodar-hub 12.5MW --reason contract --for 2h";
  const lasts = async (words: string): Promise<number | undefined> => {
    const { out } = await ertis(`${line}${words} -o json`);
    return JSON.parse(out)[0]?.untilTimeMs;
  };
  expect(await lasts("")).toBe(sampleNowMs + 2 * 3_600_000);
  expect(await lasts(" --start now+1h")).toBe(sampleNowMs + 3 * 3_600_000);
  const twice = await ertis(`${line} --end now+3h`);
  expect(twice.code).toBe(2);
  expect(twice.err).toContain("both --until and --for say when it ends");
  const nothing = await ertis(line.replace("2h", "0s"));
  expect(nothing).toMatchObject({ code: 2, err: expect.stringContaining("--for 0s: a budget") });
});

test("a budget below what floors take is set, and says which is the smallest that holds, and whose floors they are", async () => {
  const line = "budget set low pavlodar-hub 7MW --reason contract";
  const { out, code } = await ertis(line);
  expect(code).toBe(0);
  expect(out).toContain(
    "the smallest that holds when it begins is 7.40 MW, and it stays exceeded by 400 kW until jobs end",
  );
  expect(out).toMatch(/^1010 .* 25 % +400 kW$/m);
  expect(out).toMatch(/^1011_3 .* 50 % +80\.0 kW +pauses: may lose more than its tier allows$/m);
  expect(JSON.parse((await ertis(`${line} -o json`)).out)).toMatchObject([
    { id: "low", smallestWatts: 7_400_000, floorJobs: [{ jobId: "1010" }, { isTierAtRisk: true }] },
  ]);
  expect((await ertis(`${line} -o name`)).out).toBe("low\n");
  const quiet = await ertis("budget set evening pavlodar-hub 12.5MW --reason contract");
  expect(quiet.out).not.toContain("floor");
});

test("a budget above what its domain can carry is set, and said to change nothing", async () => {
  const wide = await ertis("budget set wide pavlodar-hub 1GW --reason contract");
  expect(wide.code).toBe(0);
  expect(wide.err).toContain(
    "note: 1.00 GW is above the 13.0 MW that pavlodar-hub can carry: such a budget changes nothing\n",
  );
  expect((await ertis("budget set even pavlodar-hub 13MW --reason contract")).err).not.toContain(
    "note",
  );
});

test("a budget understands the words of a curtailment", async () => {
  const line = "budget set even pavlodar-hub 13MW --reason contract";
  await ertis(`${line} --start 2027-01-01T00:00:00Z --end 2027-01-02T00:00:00Z`);
  expect(hub.calls.findLast(({ name }) => name === "setBudget")?.request).toMatchObject({
    fromTimeMs: Date.UTC(2027, 0, 1),
    untilTimeMs: Date.UTC(2027, 0, 2),
  });
  const both = await ertis(`${line} --start now --from now`);
  expect(both).toMatchObject({
    code: 2,
    err: expect.stringContaining("--from and --start say the same"),
  });
});

test("cordoning many nodes is one line with their number, and -o lists them", async () => {
  const ids = Array.from("abcdefghi", (name) => `hub/rack/x${name}`);
  const line = `cordon ${ids.join(" ")} --reason fans`;
  expect((await ertis(line)).out).toBe("9 nodes cordoned, none with jobs (-o wide lists them)\n");
  expect((await ertis(`${line} -o wide`)).out.split("\n")).toHaveLength(11);
  expect((await ertis(`${line} -o name`)).out).toBe(`${ids.join("\n")}\n`);
  expect((await ertis(`cordon ${ids.slice(1).join(" ")} --reason fans`)).out).toContain("xb");
});

test("cordoning several nodes lists each start once, from where it was to where it is now", async () => {
  const line = "cordon hub/rack/a hub/rack/b --reason fans";
  const { out, code } = await ertis(line);
  expect(code).toBe(0);
  expect(out).toMatch(/^1044 .*\(in 40 min\) .*\(in 5 h 40 min\)$/m);
  expect(out.match(/^1044 /gm)).toHaveLength(1);
  const asJson = JSON.parse((await ertis(`${line} -o json`)).out) as readonly object[];
  expect(asJson).toMatchObject([
    { id: "hub/rack/a", movedStarts: [{ jobId: "1044", capWatts: 520 }] },
    { id: "hub/rack/b", movedStarts: [{ jobId: "1044", capBeforeWatts: 520 }] },
  ]);
  expect((await ertis("cordon hub/rack/c --reason fans")).out).not.toContain("MOVES TO");
});
