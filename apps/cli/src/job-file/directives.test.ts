import { expect, test } from "vitest";
import { readDirectives } from "./directives.ts";
import { mergeDrafts, emptyDraft } from "./draft.ts";
import { splitWords } from "./split-words.ts";

const strict = { ignoreUnknown: false, onIgnored: () => undefined };

function read(...lines: readonly string[]): Record<string, string> {
  const { settings } = readDirectives("train.sh", ["#!/bin/sh", ...lines].join("\n"), strict);
  return Object.fromEntries([...settings].map(([name, { text }]) => [name, text]));
}

test("#ERTIS lines hold the options of submit, in every spelling", () => {
  expect(
    read(
      "#ERTIS --nodes=2 --gpus-per-node 8",
      "#ERTIS -t 2h -J 'my job' --hold",
      "#ERTIS -N4 # a remark",
      "",
      "# a comment",
      "#ERTIS --site pavlodar-hub",
      "echo",
      "#ERTIS --site too-late",
    ),
  ).toEqual({
    nodes: "4",
    gpusPerNode: "8",
    time: "2h",
    name: "my job",
    hold: "true",
    site: "pavlodar-hub",
  });
});

test("#SBATCH lines that have a counterpart are understood, times as Slurm means them", () => {
  expect(
    read(
      "#SBATCH --job-name=train --account=nlp",
      "#SBATCH --gres=gpu:H100:8",
      "#SBATCH -t 90",
      "#SBATCH --dependency=afterok:12",
    ),
  ).toEqual({
    name: "train",
    project: "nlp",
    gpusPerNode: "8",
    gpu: "H100",
    time: "90 minutes",
    dependency: "afterok:12",
  });
  expect(read("#SBATCH --time=30:15")).toEqual({ time: "30 min 15 s" });
});

test("an #ERTIS line wins over an #SBATCH line, so that one script serves both", () => {
  expect(read("#ERTIS --time 4h", "#SBATCH --time=1-00:00:00")).toEqual({ time: "4h" });
});

test.each([
  ["#ERTIS --gpuz 8", /^train.sh:2: #ERTIS does not know the option --gpuz$/],
  ["#SBATCH --partition=gpu", /^train.sh:2: #SBATCH does not know the option --partition$/],
  ["#ERTIS --gpus 8 please", /^train.sh:2: #ERTIS does not know the word "please"$/],
  ["#ERTIS --name 'open", /^train.sh:2: a quote is not closed$/],
  ["#ERTIS --time", /^train.sh:2: --time needs a value$/],
  ["#SBATCH --gres=shard:1", /^train.sh:2: --gres=shard:1 is not gpu:COUNT/],
  ["#ERTIS --label team", /^train.sh:2: "team" is not KEY=VALUE$/],
])("%s fails loudly with its line", (line, message) => {
  expect(() => read(line)).toThrow(message);
});

test("--ignore-unknown skips what is not known, tells so, and keeps the rest", () => {
  const told: string[] = [];
  const text = "#!/bin/sh\n#SBATCH --mem=64G --nodes=2\n#SBATCH --mail-type END\n";
  const { settings } = readDirectives("a.sh", text, {
    ignoreUnknown: true,
    onIgnored: (origin, option) => told.push(`${origin} ${option}`),
  });
  expect([...settings.keys()]).toEqual(["nodes"]);
  expect(told).toEqual(["a.sh:2 --mem", "a.sh:3 --mail-type"]);
});

test("files that came from Windows keep their directives", () => {
  const { settings } = readDirectives("a.sh", "#!/bin/sh\r\n#ERTIS --nodes=2\r\necho\r\n", strict);
  expect(settings.get("nodes")?.text).toBe("2");
});

test("the stronger source wins by setting, and says all about the gang", () => {
  const written = (text: string): { text: string; origin: string } => ({ text, origin: "x" });
  const file = {
    ...emptyDraft,
    settings: new Map([
      ["gpusPerNode", written("8")],
      ["time", written("1h")],
    ] as const),
    labels: new Map([["team", written("a")]]),
  };
  const flags = {
    ...emptyDraft,
    settings: new Map([["gpus", written("16")]] as const),
    labels: new Map([["run", written("7")]]),
  };
  const merged = mergeDrafts(file, flags);
  expect([...merged.settings.keys()].toSorted()).toEqual(["gpus", "time"]);
  expect([...merged.labels.keys()]).toEqual(["team", "run"]);
});

test.each([
  [String.raw`a  "b c" d\ e 'f"g'`, ["a", "b c", "d e", 'f"g']],
  ["", []],
  ["a #b", ["a"]],
  ["a#b", ["a#b"]],
  ['""', [""]],
])("the words of %j", (text, words) => {
  expect(splitWords(text)).toEqual(words);
});
