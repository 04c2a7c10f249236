import type { DomainKind } from "@ertis/site-model";
import {
  Block,
  type BlockShape,
  listed,
  type Located,
  oneOf,
  type Problems,
  readText,
  type TextResult,
  type Value,
  whole,
} from "@ertis/site-model/reader";
import type {
  ClusterDeclaration,
  HallDeclaration,
  HostImage,
  OversubscriptionDeclaration,
  ProvisioningDeclaration,
  RootDevice,
  RootDevices,
} from "./declaration.ts";
import type { HostState, SiteMode } from "./plan.ts";
import { readNetworks } from "./read-networks.ts";
import {
  domainSuffix,
  hostName,
  imageUrl,
  kubernetesVersion,
  name,
  oversubscriptionRatio,
  sha256,
} from "./texts.ts";

const bothModes: readonly string[] = [
  "site",
  "mode",
  "registry",
  "allowedDomains",
  "kubernetesVersion",
  "networks",
  "oversubscription",
];
const provisionedOnly: readonly string[] = [
  "hostImage",
  "rootDevices",
  "halls",
  "clusters",
  "hostStates",
];
const siteModes: readonly SiteMode[] = ["provisioned", "registered"];
const kinds: readonly DomainKind[] = ["feed", "substation", "hall", "row", "rack"];
const hostStates: readonly HostState[] = ["onboard", "burn-in", "production", "triage", "repair"];

/** Reads the document field by field. Undefined unless it is a block. */
export function readProvisioning(
  problems: Problems,
  document: Value,
): ProvisioningDeclaration | undefined {
  const block = Block.open(problems, document, {
    what: "a provisioning file",
    keys: [...bothModes, ...provisionedOnly],
  });
  if (block === undefined) {
    return undefined;
  }
  const mode = block.text("mode", oneOf(siteModes), "provisioned")?.value;
  const isProvisioned = mode === "provisioned";
  if (mode === "registered") {
    for (const key of provisionedOnly.filter((word) => block.has(word))) {
      problems.add(
        block.placeOf(key),
        `"${key}" at a registered site: its cluster stands already, remove it or write mode: provisioned`,
      );
    }
  }
  const allowedDomains = readAllowedDomains(block);
  const registry = block.text("registry", hostName, "registry.pavlodar-hub.ertis.kz");
  const hostImage = isProvisioned ? readHostImage(block, allowedDomains) : undefined;
  if (registry !== undefined && !isAllowed(registry.value, allowedDomains)) {
    problems.add(registry.at, notAllowed(registry.value, allowedDomains));
  }
  return {
    at: block.at,
    siteId: block.text("site", name, "pavlodar-hub"),
    mode: mode ?? "provisioned",
    registry: registry?.value,
    allowedDomains,
    kubernetesVersion: block.text("kubernetesVersion", kubernetesVersion, "1.35.6"),
    hostImage,
    networks: mode === undefined ? undefined : readNetworks(block, mode),
    rootDevices: isProvisioned ? readRootDevices(block) : undefined,
    halls: isProvisioned ? readHalls(block) : [],
    oversubscription: readOversubscription(block),
    oversubscriptionAt: block.placeOf("oversubscription"),
    clusters: isProvisioned
      ? readClusters(block, allowedDomains)
      : new Map<string, ClusterDeclaration>(),
    hostStates: isProvisioned ? readHostStates(block) : new Map<string, Located<HostState>>(),
  };
}

function readAllowedDomains(block: Block): readonly string[] {
  const example = "[.ertis.kz]";
  const value = block.required("allowedDomains", example);
  const found = block
    .list("allowedDomains", ".ertis.kz")
    .map((item) => readText(block.problems, item, domainSuffix)?.value)
    .filter((suffix) => suffix !== undefined);
  if (value?.kind === "list" && value.items.length === 0) {
    block.problems.add(
      value.at,
      `an empty list allows nothing: write for example allowedDomains: ${example}`,
    );
  }
  return found;
}

/** With an empty list, which has been reported, everything is allowed. */
function isAllowed(host: string, allowedDomains: readonly string[]): boolean {
  return allowedDomains.length === 0 || allowedDomains.some((suffix) => host.endsWith(suffix));
}

function notAllowed(host: string, allowedDomains: readonly string[]): string {
  return `"${host}" ends in none of allowedDomains, which are ${listed(allowedDomains)}: take another or add its domain`;
}

function readHostImage(block: Block, allowedDomains: readonly string[]): HostImage | undefined {
  const shape: BlockShape = { what: "a host image", keys: ["url", "sha256"], isSourced: true };
  const inner = block.block("hostImage", shape, "{url: ..., sha256: ..., source: ...}");
  const located = inner?.text("url", imageUrl, "https://images.pavlodar-hub.ertis.kz/node.raw");
  const url = located?.value;
  const host = url === undefined ? undefined : URL.parse(url)?.hostname;
  if (located !== undefined && host !== undefined && !isAllowed(host, allowedDomains)) {
    block.problems.add(located.at, notAllowed(host, allowedDomains));
  }
  const digest = inner?.text("sha256", sha256, "64 hexadecimal digits")?.value;
  return url === undefined || digest === undefined ? undefined : { url, sha256: digest };
}

function readRootDevices(block: Block): RootDevices | undefined {
  const shape: BlockShape = {
    what: "the root devices",
    keys: ["management", "gpu"],
    isSourced: true,
  };
  const inner = block.block("rootDevices", shape, "{management: {...}, gpu: {...}, source: ...}");
  const management = inner === undefined ? undefined : readRootDevice(inner, "management");
  const gpu = inner === undefined ? undefined : readRootDevice(inner, "gpu");
  return management === undefined || gpu === undefined ? undefined : { management, gpu };
}

function readRootDevice(block: Block, key: "management" | "gpu"): RootDevice | undefined {
  const shape: BlockShape = { what: "a root device", keys: ["minSizeGigabytes", "rotational"] };
  const inner = block.block(key, shape, "{minSizeGigabytes: 800, rotational: false}");
  const size = inner?.text("minSizeGigabytes", whole(1, 1_000_000), "800")?.value;
  const spins = inner?.text("rotational", oneOf(["true", "false"] as const), "false")?.value;
  return size === undefined || spins === undefined
    ? undefined
    : { minSizeGigabytes: size, rotational: spins === "true" };
}

function readHalls(block: Block): readonly HallDeclaration[] {
  const example =
    "{nodeClass: h100-8, controlPlaneHosts: 3, storageHosts: 12, rowsPerFeed: 3, source: ...}";
  const value = block.required("halls", `[${example}]`);
  if (value?.kind === "list" && value.items.length === 0) {
    block.problems.add(value.at, `no halls: write for example - ${example}`);
  }
  const halls: HallDeclaration[] = [];
  for (const item of block.list("halls", example)) {
    const inner = Block.open(block.problems, item, {
      what: "an entry of halls",
      keys: ["nodeClass", "controlPlaneHosts", "storageHosts", "rowsPerFeed"],
      isSourced: true,
    });
    const controlPlaneCount = inner?.text("controlPlaneHosts", controlPlaneHosts, "3")?.value;
    const storageCount = inner?.text("storageHosts", whole(0, 43), "12")?.value;
    const rowsPerFeed = inner?.text("rowsPerFeed", whole(1, 100), "3")?.value;
    const nodeClass = inner?.optionalText("nodeClass", name);
    if (
      controlPlaneCount !== undefined &&
      storageCount !== undefined &&
      rowsPerFeed !== undefined
    ) {
      halls.push({ at: item.at, nodeClass, controlPlaneCount, storageCount, rowsPerFeed });
    }
  }
  return halls;
}

/** etcd wants an odd number, and three to survive the loss of one. */
function controlPlaneHosts(text: string): TextResult<number> {
  return text === "3" || text === "5"
    ? { value: Number(text) }
    : {
        wrong: `found ${JSON.stringify(text)} control plane hosts: 3 or 5 survive the loss of one power feed`,
      };
}

function readOversubscription(block: Block): readonly OversubscriptionDeclaration[] {
  const declared: OversubscriptionDeclaration[] = [];
  const example = "{kind: row, ratio: 1.02, source: ...}";
  for (const item of block.list("oversubscription", example)) {
    const inner = Block.open(block.problems, item, {
      what: "an entry of oversubscription",
      keys: ["kind", "nodeClass", "ratio"],
      isSourced: true,
    });
    const kind = inner?.text("kind", oneOf(kinds), "row")?.value;
    const ratio = inner?.text("ratio", oversubscriptionRatio, "1.02")?.value;
    const nodeClass = inner?.optionalText("nodeClass", name);
    if (kind !== undefined && ratio !== undefined) {
      declared.push({ at: item.at, kind, nodeClass, ratio });
    }
  }
  return declared;
}

function readClusters(
  block: Block,
  allowedDomains: readonly string[],
): ReadonlyMap<string, ClusterDeclaration> {
  const clusters = new Map<string, ClusterDeclaration>();
  const example = "pavlodar-hub-s1-h1: {kubernetesVersion: 1.34.9}";
  for (const [cluster, { keyAt, value }] of block.named("clusters", example)) {
    const inner = Block.open(block.problems, value, {
      what: "an entry of clusters",
      keys: ["kubernetesVersion", "hostImage", "slice"],
    });
    clusters.set(cluster, {
      at: keyAt,
      kubernetesVersion: inner?.optionalText("kubernetesVersion", kubernetesVersion),
      slice: inner?.optionalText("slice", whole(0, 4_095))?.value,
      hostImage:
        inner?.has("hostImage") === true ? readHostImage(inner, allowedDomains) : undefined,
    });
  }
  return clusters;
}

function readHostStates(block: Block): ReadonlyMap<string, Located<HostState | undefined>> {
  const states = new Map<string, Located<HostState | undefined>>();
  const example = "pavlodar-hub-s1-h1-r01-k01-n1: repair";
  for (const [host, { keyAt, value }] of block.named("hostStates", example)) {
    const state = readText(block.problems, value, oneOf(hostStates));
    states.set(host, { value: state?.value, at: keyAt });
  }
  return states;
}
