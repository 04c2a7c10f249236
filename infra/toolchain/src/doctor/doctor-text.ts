import type { Go } from "../build/go.ts";
import type { CrdFamily } from "../crds/families.ts";
import type { CrdSource } from "../crds/crd-source.ts";
import type { Toolchain } from "../toolchain.ts";
import { playedControllers } from "./played-controllers.ts";
import { tableLines, wrap } from "./table.ts";

export interface DoctorFacts {
  readonly toolchain: Toolchain;
  readonly go: Go;
  readonly crds: readonly { readonly family: CrdFamily; readonly source: CrdSource }[];
  readonly cacheDirectory: string;
  readonly definitionsDirectory: string;
}

const widthCharacterCount = 96;

/** What is there, from where, and what does not run without it. */
export function doctorText(facts: DoctorFacts): string {
  const { parts } = facts.toolchain;
  const notes = parts.flatMap(({ name, note }) => (note === undefined ? [] : [`${name}: ${note}`]));
  return [
    "Programs",
    ...tableLines(
      [
        ["part", "where", "version", "kind", "what does not run without it"],
        ...parts.map((part) => [
          part.name,
          part.where,
          part.version ?? "-",
          part.kind,
          part.without,
        ]),
      ],
      widthCharacterCount,
    ),
    ...listLines("Notes", notes),
    "",
    "Definitions of third-party kinds",
    ...tableLines(
      facts.crds.map(({ family, source }) => [family, sourceWords[source.kind]]),
      widthCharacterCount,
    ),
    ...missingDefinitions(facts),
    "",
    "Played by the process local-world in `npm run up:local` (statuses and Secrets only)",
    ...tableLines(
      playedControllers.map(({ name, writes }) => [name, writes]),
      widthCharacterCount,
    ),
    "",
    `Programs: ${facts.toolchain.binDirectory}`,
    ...[goWords(facts.go), ...summary(facts)].flatMap((line) => wrap(line, widthCharacterCount)),
    "",
  ].join("\n");
}

const sourceWords: Readonly<Record<CrdSource["kind"], string>> = {
  module: "real, from its Go module",
  directory: "real, from ERTIS_CRDS_DIR",
  open: "open: shape not checked, every object of the kind is accepted",
};

function missingDefinitions(facts: DoctorFacts): readonly string[] {
  return facts.crds.some(({ source }) => source.kind === "open")
    ? wrap(
        `  Open ones become real with their files in ERTIS_CRDS_DIR (now ${facts.definitionsDirectory}), a folder each.`,
        widthCharacterCount,
      )
    : [];
}

function listLines(title: string, items: readonly string[]): readonly string[] {
  return items.length === 0
    ? []
    : [title, ...items.flatMap((item) => tableLines([["-", item]], widthCharacterCount))];
}

function goWords(go: Go): string {
  return go.kind === "go" ? `Go: ${go.version}, ${go.path}` : go.message;
}

function summary({ toolchain, go }: DoctorFacts): readonly string[] {
  const missing = toolchain.parts.filter(({ kind }) => kind === "missing");
  const standIns = toolchain.parts.filter(({ kind }) => kind === "stand-in");
  return [
    missing.length === 0
      ? `All ${toolchain.parts.length} programs are there.`
      : `${missing.length} of ${toolchain.parts.length} programs are missing: ${missing.map(({ name }) => name).join(", ")}. ` +
        (go.kind === "go"
          ? "`npm run toolchain` builds what can be built."
          : "Install Go, then run `npm run toolchain`."),
    ...standIns.map(
      ({ name }) =>
        `${name} is a stand-in: its README says what it does not prove. The real one is taken where it is installed.`,
    ),
  ];
}
