import type { Problems } from "@ertis/site-model/reader";
import { addressText, type Cidr, cidrText, contains, sizeOf, slice } from "./cidr.ts";
import type { NetworkBlock, NetworkDeclaration, NetworkName } from "./declaration.ts";
import { firstGpuAddress, reservedAddressCount } from "./host-addresses.ts";
import type { ClusterNetworks } from "./plan.ts";

/** Offsets in the host network. */
const gatewayOffset = 1;
const controlPlaneOffset = 2;
const podPrefixPerNode = 24;

export interface HallNeed {
  readonly clusterName: string;
  /** Which slice of each block, from 0. */
  readonly slice: number;
  readonly gpuHostCount: number;
  readonly managementHostCount: number;
}

/** The slices of one hall. */
export type HallSlices = ReadonlyMap<NetworkName, Cidr>;

/** Cuts the slices of a hall and checks that they hold it. Undefined, and reported, when one does not exist. */
export function cutSlices(
  problems: Problems,
  declared: NetworkDeclaration,
  need: HallNeed,
): HallSlices | undefined {
  const slices = new Map<NetworkName, Cidr>();
  for (const [name, network] of declared.blocks) {
    const part = slice(network.block, network.prefixPerHall, need.slice);
    if (part === undefined) {
      problems.add(
        network.at,
        `${cidrText(network.block)} has no /${network.prefixPerHall} left for ${need.clusterName}, which has slice ${need.slice}: enlarge the block or write a larger prefixPerHall`,
      );
      return undefined;
    }
    checkRoom(problems, { name, network, need });
    slices.set(name, part);
  }
  return slices;
}

interface Room {
  readonly name: NetworkName;
  readonly network: NetworkBlock;
  readonly need: HallNeed;
}

function checkRoom(problems: Problems, { name, network, need }: Room): void {
  const hostCount = need.gpuHostCount + need.managementHostCount;
  const wanted: Readonly<Record<NetworkName, number>> = {
    bmc: firstGpuAddress + need.gpuHostCount + 1,
    hosts: reservedAddressCount + hostCount + 1,
    pods: hostCount * 2 ** (32 - podPrefixPerNode),
    services: 0,
  };
  const size = sizeOf({ first: 0, prefixLength: network.prefixPerHall });
  if (wanted[name] > size) {
    const fitting = 32 - Math.ceil(Math.log2(wanted[name]));
    const how = name === "pods" ? ` with a /${podPrefixPerNode} a host` : "";
    problems.add(
      network.at,
      `a /${network.prefixPerHall} a hall has ${size} addresses, but the ${hostCount} hosts of ${need.clusterName} need ${wanted[name]}${how}: write a /${fitting}`,
    );
  }
}

/** What the slices of a provisioned hall mean. */
export function networksOf(slices: HallSlices): ClusterNetworks | undefined {
  const [bmc, hosts] = [slices.get("bmc"), slices.get("hosts")];
  const [pods, services] = [slices.get("pods"), slices.get("services")];
  if (bmc === undefined || hosts === undefined || pods === undefined || services === undefined) {
    return undefined;
  }
  return {
    bmcCidr: cidrText(bmc),
    hostCidr: cidrText(hosts),
    hostGateway: addressText(hosts.first + gatewayOffset),
    podCidr: cidrText(pods),
    serviceCidr: cidrText(services),
    controlPlaneAddress: addressText(hosts.first + controlPlaneOffset),
    poolStart: addressText(hosts.first + reservedAddressCount),
    poolEnd: addressText(hosts.first + sizeOf(hosts) - 2),
  };
}

/** The networks of a cluster that stands already. */
export function registeredNetworks(
  problems: Problems,
  declared: NetworkDeclaration,
): ClusterNetworks | undefined {
  const [hosts, pods, services] = (["hosts", "pods", "services"] as const).map(
    (name) => declared.blocks.get(name)?.block,
  );
  const endpoint = declared.controlPlaneAddress;
  if (
    hosts === undefined ||
    pods === undefined ||
    services === undefined ||
    endpoint === undefined
  ) {
    return undefined;
  }
  if (!contains(hosts, { first: endpoint.value, prefixLength: 32 })) {
    problems.add(
      endpoint.at,
      `${addressText(endpoint.value)} is not in the host network ${cidrText(hosts)}: write the address where the API server of the cluster answers`,
    );
  }
  return {
    bmcCidr: "",
    hostCidr: cidrText(hosts),
    hostGateway: "",
    podCidr: cidrText(pods),
    serviceCidr: cidrText(services),
    controlPlaneAddress: addressText(endpoint.value),
    poolStart: "",
    poolEnd: "",
  };
}
