import type { Watts } from "@ertis/quantities";
import {
  type DomainBody,
  domainKinds,
  type Phase,
  type SiteDeclaration,
  type Template,
} from "./declaration.ts";
import type { Value } from "./document.ts";
import {
  type Block,
  describe,
  name,
  oneOf,
  openBlock,
  power,
  readText,
  required,
  whole,
} from "./fields.ts";
import type { Problems } from "./problems.ts";
import { readDomain } from "./read-domain.ts";
import type { NodeClass } from "./site.ts";
import { checkSources } from "./sources.ts";
import { quotedText } from "./words.ts";

const siteKeys: readonly string[] = ["site", "title", "nodeClasses", "phases", "templates", "feed"];

const laterSiteKeys: ReadonlyMap<string, string> = new Map([
  ["tariffs", "prices by hour and season"],
  ["links", "network links to other sites"],
  ["offtake", "contracts that sell a share of the power"],
  ["curtailment", "planned reductions"],
]);

const mostNodeClasses = 250;
const mostPhases = 1_000;

/** Reads the document field by field. Undefined when the outermost parts are missing. */
export function readSite(problems: Problems, document: Value): SiteDeclaration | undefined {
  const block = openBlock(problems, document, {
    what: "a site file",
    keys: siteKeys,
    later: laterSiteKeys,
  });
  if (block === undefined) {
    return undefined;
  }
  const id = readText(problems, required(problems, block, "site", "pavlodar-hub"), name)?.value;
  const titleOf = required(problems, block, "title", "Pavlodar computing hub");
  const title = readText(problems, titleOf, readTitle)?.value;
  const classBlocks = blocksIn(problems, block, "nodeClasses", true);
  const nodeClasses: NodeClass[] = [];
  for (const [className, value] of classBlocks) {
    const nodeClass = readNodeClass(problems, className, value);
    if (nodeClass !== undefined) {
      nodeClasses.push(nodeClass);
    }
  }
  if (classBlocks.length > mostNodeClasses) {
    problems.add(
      block.entries.get("nodeClasses")?.keyAt ?? block.at,
      `found ${classBlocks.length} node classes, at most ${mostNodeClasses} are allowed`,
    );
  }
  const phases = readPhases(problems, block.entries.get("phases")?.value);
  const templates = readTemplates(problems, block);
  const feed = readFeed(problems, block);
  return feed === undefined
    ? undefined
    : {
        id: id ?? "site",
        title: title ?? "",
        nodeClasses,
        nodeClassNames: classBlocks.map(([className]) => className),
        phases,
        templates,
        feed,
      };
}

function readTitle(text: string): { readonly value: string } | { readonly wrong: string } {
  return /^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]{1,120}$/u.test(text)
    ? { value: text }
    : { wrong: `found ${quotedText(text)}, but a title has 1 to 120 printable characters` };
}

/** The named blocks under a key, names checked. */
function blocksIn(
  problems: Problems,
  block: Block,
  key: string,
  isRequired: boolean,
): readonly (readonly [name: string, value: Value])[] {
  const value = isRequired
    ? required(problems, block, key, "{h100-8: {...}}")
    : block.entries.get(key)?.value;
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

const nodeClassFigures: readonly string[] = ["gpuCount", "idle", "peak"];

function readNodeClass(problems: Problems, className: string, value: Value): NodeClass | undefined {
  const block = openBlock(problems, value, {
    what: "a node class",
    keys: ["gpuModel", ...nodeClassFigures, "partUse", "source"],
  });
  if (block === undefined) {
    return undefined;
  }
  checkSources(problems, block, nodeClassFigures);
  const model = required(problems, block, "gpuModel", "H100-SXM-80GB");
  const gpuModel = readText(problems, model, readGpuModel)?.value;
  const count = required(problems, block, "gpuCount", "8");
  const gpuCount = readText(problems, count, whole(1, 16))?.value;
  const idle = readText(problems, required(problems, block, "idle", "2.5 kW"), power);
  const peak = readText(problems, required(problems, block, "peak", "10.2 kW"), power);
  const partUse = readText(
    problems,
    required(problems, block, "partUse", "share"),
    oneOf(["share", "peak"] as const),
  )?.value;
  const [idleWatts, peakWatts] = [idle?.value, peak?.value];
  if (idleWatts !== undefined && peakWatts !== undefined && peak !== undefined) {
    checkIdleAndPeak(problems, peak.at, { idleWatts, peakWatts });
  }
  return gpuModel === undefined ||
    gpuCount === undefined ||
    idleWatts === undefined ||
    peakWatts === undefined ||
    partUse === undefined
    ? undefined
    : { name: className, gpuModel, gpuCount, idleWatts, peakWatts, partUse };
}

function checkIdleAndPeak(
  problems: Problems,
  at: DomainBody["at"],
  { idleWatts, peakWatts }: { readonly idleWatts: Watts; readonly peakWatts: Watts },
): void {
  if (idleWatts > peakWatts) {
    problems.add(
      at,
      `peak ${String(peakWatts)} W is below idle ${String(idleWatts)} W: peak is the most the node may draw, correct one of them`,
    );
  } else if (String(peakWatts) === "0") {
    problems.add(at, "peak is 0 W: write the most the node may draw");
  }
}

function readGpuModel(text: string): { readonly value: string } | { readonly wrong: string } {
  return /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/.test(text)
    ? { value: text }
    : {
        wrong: `${quotedText(text)} is not a GPU model: use letters, digits and . _ -, for example H100-SXM-80GB`,
      };
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
    const block = openBlock(problems, item, { what: "a phase", keys: ["name", "built"] });
    if (block === undefined) {
      continue;
    }
    const phaseName = readText(problems, required(problems, block, "name", "phase-1"), name);
    const built = readText(
      problems,
      required(problems, block, "built", "true"),
      oneOf(["true", "false"] as const),
    );
    if (phaseName?.value === undefined) {
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

function readTemplates(problems: Problems, block: Block): ReadonlyMap<string, Template> {
  const templates = new Map<string, Template>();
  for (const [templateName, value] of blocksIn(problems, block, "templates", false)) {
    const kindEntry = value.kind === "map" ? value.entries.get("kind")?.value : undefined;
    const kind = readText(problems, kindEntry, oneOf(domainKinds.slice(1)))?.value;
    const read = readDomain(problems, value, { what: "a template", extraKeys: ["kind"], kind });
    if (read !== undefined) {
      required(problems, read.block, "kind", "rack");
      templates.set(templateName, { kind, body: read.body });
    }
  }
  return templates;
}

function readFeed(problems: Problems, block: Block): DomainBody | undefined {
  const value = required(problems, block, "feed", "{limit: 300 MW, source: ..., halls: [...]}");
  return value === undefined
    ? undefined
    : readDomain(problems, value, { what: "the feed", extraKeys: [], kind: "feed" })?.body;
}
