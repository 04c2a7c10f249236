import { type Block, type BlockShape, whole } from "@ertis/site-model/reader";
import { parseAddress, parsePrivateCidr } from "./cidr.ts";
import type { NetworkBlock, NetworkDeclaration, NetworkName } from "./declaration.ts";
import type { SiteMode } from "./plan.ts";

/** Smallest and largest slice of a hall, as prefix lengths. */
interface Sizes {
  readonly largest: number;
  readonly smallest: number;
}

/** Kubernetes refuses services beyond a /12; a slice below a /28 holds no hall. */
const sizes: Readonly<Record<NetworkName, Sizes>> = {
  bmc: { largest: 12, smallest: 28 },
  hosts: { largest: 12, smallest: 28 },
  pods: { largest: 9, smallest: 24 },
  services: { largest: 12, smallest: 26 },
};

const networkNames: readonly NetworkName[] = ["bmc", "hosts", "pods", "services"];

/**
 * A block for each network of a provisioned site. A registered site states the networks that its
 * cluster has, so that nobody else is given the same.
 */
export function readNetworks(block: Block, mode: SiteMode): NetworkDeclaration | undefined {
  const isProvisioned = mode === "provisioned";
  const names = isProvisioned ? networkNames : networkNames.slice(1);
  const inner = block.block(
    "networks",
    {
      what: `the networks of a ${mode} site`,
      keys: isProvisioned ? names : [...names, "controlPlaneAddress"],
      isSourced: true,
    },
    "{hosts: ..., pods: ..., services: ..., source: ...}",
  );
  if (inner === undefined) {
    return undefined;
  }
  const blocks = new Map<NetworkName, NetworkBlock>();
  for (const name of names) {
    const found = isProvisioned ? readBlock(inner, name) : readWhole(inner, name);
    if (found !== undefined) {
      blocks.set(name, found);
    }
  }
  const controlPlaneAddress = isProvisioned
    ? undefined
    : inner.text("controlPlaneAddress", parseAddress, "10.192.0.10");
  return { blocks, controlPlaneAddress };
}

function readBlock(block: Block, key: NetworkName): NetworkBlock | undefined {
  const { largest, smallest } = sizes[key];
  const shape: BlockShape = { what: `the network ${key}`, keys: ["block", "prefixPerHall"] };
  const inner = block.block(key, shape, "{block: 10.160.0.0/16, prefixPerHall: 22}");
  const cidr = inner?.text("block", parsePrivateCidr, "10.160.0.0/16");
  const prefix = inner?.text("prefixPerHall", whole(largest, smallest), "22");
  if (cidr === undefined || prefix === undefined) {
    return undefined;
  }
  if (prefix.value < cidr.value.prefixLength) {
    block.problems.add(
      prefix.at,
      `a hall's /${prefix.value} is larger than the whole block /${cidr.value.prefixLength}: enlarge the block or write a larger prefixPerHall`,
    );
    return undefined;
  }
  return { block: cidr.value, prefixPerHall: prefix.value, at: cidr.at };
}

/** The one cluster of a registered site has the whole network. */
function readWhole(block: Block, key: NetworkName): NetworkBlock | undefined {
  const cidr = block.text(key, parsePrivateCidr, "10.192.0.0/22");
  return cidr === undefined
    ? undefined
    : { block: cidr.value, prefixPerHall: cidr.value.prefixLength, at: cidr.at };
}
