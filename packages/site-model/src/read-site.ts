import {
  type DomainBody,
  domainKinds,
  type Phase,
  type SiteDeclaration,
  type Template,
} from "./declaration.ts";
import { name } from "./fields.ts";
import { readBudgets } from "./budgets/read-budgets.ts";
import { readFabric } from "./fabric/read-fabric.ts";
import { readCurves } from "./read-curves.ts";
import { readDomain } from "./read-domain.ts";
import { readNodeClass } from "./read-node-class.ts";
import {
  Block,
  describe,
  oneOf,
  type Problems,
  quotedText,
  readText,
  type TextResult,
  type Value,
} from "./reader/index.ts";
import type { NodeClass } from "./site.ts";

const siteKeys: readonly string[] = [
  "site",
  "title",
  "nodeClasses",
  "curves",
  "phases",
  "templates",
  "fabric",
  "budgets",
  "feed",
];

const laterSiteKeys: ReadonlyMap<string, string> = new Map([
  ["tariffs", "prices by hour and season"],
  ["links", "network links to other sites"],
  ["offtake", "contracts that sell a share of the power"],
]);

const mostNodeClasses = 250;
const mostPhases = 1_000;

/** Reads the document field by field. Undefined when the outermost parts are missing. */
export function readSite(problems: Problems, document: Value): SiteDeclaration | undefined {
  const block = Block.open(problems, document, {
    what: "a site file",
    keys: siteKeys,
    later: laterSiteKeys,
  });
  if (block === undefined) {
    return undefined;
  }
  const id = block.text("site", name, "pavlodar-hub")?.value;
  const title = block.text("title", readTitle, "Pavlodar computing hub")?.value;
  const classBlocks = blocksIn(block, "nodeClasses", true);
  const nodeClasses: NodeClass[] = [];
  for (const [className, value] of classBlocks) {
    const nodeClass = readNodeClass(problems, className, value);
    if (nodeClass !== undefined) {
      nodeClasses.push(nodeClass);
    }
  }
  if (classBlocks.length > mostNodeClasses) {
    problems.add(
      block.placeOf("nodeClasses"),
      `found ${classBlocks.length} node classes, at most ${mostNodeClasses} are allowed`,
    );
  }
  const curves = readCurves(problems, block.optional("curves"), nodeClasses);
  const budgets = readBudgets(problems, block.optional("budgets"));
  const fabric = readFabric(problems, block.optional("fabric"));
  const phases = readPhases(problems, block.optional("phases"));
  const templates = readTemplates(block);
  const feed = readFeed(block);
  return feed === undefined
    ? undefined
    : {
        id: id ?? "site",
        title: title ?? "",
        nodeClasses,
        nodeClassNames: classBlocks.map(([className]) => className),
        curves,
        phases,
        templates,
        budgets,
        fabric,
        feed,
      };
}

function readTitle(text: string): TextResult<string> {
  return /^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]{1,120}$/u.test(text)
    ? { value: text }
    : { wrong: `found ${quotedText(text)}, but a title has 1 to 120 printable characters` };
}

/** The named blocks under a key, names checked. */
function blocksIn(
  block: Block,
  key: string,
  isRequired: boolean,
): readonly (readonly [name: string, value: Value])[] {
  const { problems } = block;
  const value = isRequired ? block.required(key, "{h100-8: {...}}") : block.optional(key);
  if (value === undefined) {
    return [];
  }
  if (value.kind !== "map") {
    problems.add(value.at, `found ${describe(value)}, but ${key} is a block of named blocks`);
    return [];
  }
  const found: [string, Value][] = [];
  for (const [key2, { keyAt, value: inner }] of value.entries) {
    const checked = name(key2);
    if ("wrong" in checked) {
      problems.add(keyAt, checked.wrong);
    }
    found.push([key2, inner]);
  }
  return found;
}

function readPhases(problems: Problems, value: Value | undefined): readonly Phase[] {
  if (value === undefined) {
    return [];
  }
  if (value.kind !== "list") {
    problems.add(
      value.at,
      `found ${describe(value)}, but phases is a list like - {name: phase-1, built: true}`,
    );
    return [];
  }
  if (value.items.length > mostPhases) {
    problems.add(value.at, `found ${value.items.length} phases, at most ${mostPhases} are allowed`);
    return [];
  }
  const phases: Phase[] = [];
  for (const item of value.items) {
    const block = Block.open(problems, item, { what: "a phase", keys: ["name", "built"] });
    if (block === undefined) {
      continue;
    }
    const phaseName = block.text("name", name, "phase-1");
    const built = block.text("built", oneOf(["true", "false"] as const), "true");
    if (phaseName === undefined) {
      continue;
    }
    if (phases.some((phase) => phase.name === phaseName.value)) {
      problems.add(phaseName.at, `duplicate name "${phaseName.value}": rename or remove one`);
    }
    if (built?.value === "true" && phases.some((phase) => !phase.isBuilt)) {
      problems.add(
        built.at,
        `phase "${phaseName.value}" is built but an earlier one is not: phases are in the order of building, move it up`,
      );
    }
    phases.push({ name: phaseName.value, isBuilt: built?.value === "true" });
  }
  return phases;
}

function readTemplates(block: Block): ReadonlyMap<string, Template> {
  const { problems } = block;
  const templates = new Map<string, Template>();
  for (const [templateName, value] of blocksIn(block, "templates", false)) {
    const kindEntry = value.kind === "map" ? value.entries.get("kind")?.value : undefined;
    const kind = readText(problems, kindEntry, oneOf(domainKinds.slice(1)))?.value;
    const read = readDomain(problems, value, { what: "a template", extraKeys: ["kind"], kind });
    if (read !== undefined) {
      read.block.required("kind", "rack");
      templates.set(templateName, { kind, body: read.body });
    }
  }
  return templates;
}

function readFeed(block: Block): DomainBody | undefined {
  const value = block.required("feed", "{limit: 300 MW, source: ..., halls: [...]}");
  return value === undefined
    ? undefined
    : readDomain(block.problems, value, { what: "the feed", extraKeys: [], kind: "feed" })?.body;
}
