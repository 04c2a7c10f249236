import type { PowerDomain, Site, SourceLine } from "@ertis/site-model";
import { toNumber } from "@ertis/quantities";
import type { Cidr } from "./cidr.ts";
import type { HallDeclaration, RootDevice, RootDevices } from "./declaration.ts";
import type { Delivery } from "./read-deliveries.ts";
import type { HallLayout } from "./hall-layout.ts";
import { bmcOffset, plannedBmcAddress, plannedMac } from "./host-addresses.ts";
import { nameUnder, nodeLetter } from "./naming.ts";
import type { Host, HostRole, HostState, PowerFeed } from "./plan.ts";

/** Everything that decides the hosts of one cluster. */
export interface HostSources {
  readonly clusterName: string;
  readonly site: Site;
  readonly shortNames: readonly string[];
  readonly layout: HallLayout;
  readonly powerFeeds: readonly PowerFeed[];
  /** Undefined at a registered site: no management hosts, no BMC, no MAC. */
  readonly provisioned: ProvisionedHosts | undefined;
  readonly states: ReadonlyMap<string, HostState>;
}

export interface ProvisionedHosts {
  readonly declared: HallDeclaration;
  readonly declaredAt: SourceLine;
  readonly bmcNetwork: Cidr;
  readonly rootDevices: RootDevices;
  readonly deliveries: ReadonlyMap<string, Delivery>;
}

type Placed = Pick<Host, "name" | "role" | "rowIndex" | "rackIndex" | "source">;

/** Management hosts first, then GPU hosts in the order of the site file. */
export function expandHosts(sources: HostSources): readonly Host[] {
  return [...managementHosts(sources), ...gpuHosts(sources)];
}

/** Names of management hosts: `<cluster>-m1`, the control plane first. */
function managementHostName(clusterName: string, ordinal: number): string {
  return `${clusterName}-m${ordinal + 1}`;
}

function managementHosts(sources: HostSources): readonly Host[] {
  const { provisioned, powerFeeds, layout, clusterName } = sources;
  if (provisioned === undefined) {
    return [];
  }
  const { controlPlaneCount, storageCount } = provisioned.declared;
  return Array.from({ length: controlPlaneCount + storageCount }, (_, ordinal) => {
    const isControlPlane = ordinal < controlPlaneCount;
    const role: HostRole = isControlPlane ? "control-plane" : "storage";
    const rowIndex = isControlPlane
      ? controlPlaneRow(powerFeeds, ordinal)
      : (layout.rows[(ordinal - controlPlaneCount) % layout.rows.length]?.index ?? 0);
    const name = managementHostName(clusterName, ordinal);
    const source = provisioned.declaredAt;
    return hostOf(sources, { name, role, rowIndex, rackIndex: rowIndex, source }, ordinal);
  });
}

/** The next control plane host stands on the next feed; a second round takes the next rows. */
function controlPlaneRow(powerFeeds: readonly PowerFeed[], ordinal: number): number {
  const rows = powerFeeds[ordinal % powerFeeds.length]?.rowIndexes ?? [];
  return rows[Math.floor(ordinal / powerFeeds.length) % rows.length] ?? 0;
}

function gpuHosts(sources: HostSources): readonly Host[] {
  const { site, shortNames, layout } = sources;
  const rowOfDomain = rowIndexes(site, layout);
  return layout.nodes.map((node, ordinal) => {
    const domain = site.domains[node.domainIndex];
    const nodeClass = site.nodeClasses[node.classIndex];
    const name = nameUnder(shortNames[node.domainIndex] ?? "", nodeLetter, node.id);
    const placed: Placed = {
      name,
      role: "gpu",
      rowIndex: rowOfDomain.get(node.domainIndex) ?? layout.hall.index,
      rackIndex: node.domainIndex,
      source: domain?.source ?? layout.hall.source,
    };
    return {
      ...hostOf(sources, placed, ordinal),
      nodeId: node.id,
      nodeClass,
      ratedWatts: nodeClass === undefined ? 0 : toNumber(nodeClass.peakWatts),
      idleWatts: nodeClass === undefined ? 0 : toNumber(nodeClass.idleWatts),
    };
  });
}

const noRootDevice: RootDevice = { minSizeGigabytes: 0, rotational: false };

function hostOf(sources: HostSources, placed: Placed, ordinal: number): Host {
  const { provisioned, powerFeeds, states } = sources;
  const isManagement = placed.role !== "gpu";
  const delivery = provisioned?.deliveries.get(placed.name);
  const offset = bmcOffset({ isManagement, ordinal });
  const feed = powerFeeds.find(({ rowIndexes: rows }) => rows.includes(placed.rowIndex));
  return {
    ...placed,
    nodeId: undefined,
    nodeClass: undefined,
    powerFeed: feed?.name ?? "",
    state: states.get(placed.name) ?? "production",
    bmcAddress:
      provisioned === undefined
        ? ""
        : (delivery?.bmcAddress?.value ?? plannedBmcAddress(provisioned.bmcNetwork, offset)),
    bootMac:
      provisioned === undefined
        ? ""
        : (delivery?.bootMac.value ?? plannedMac(provisioned.bmcNetwork, offset)),
    isDelivered: delivery !== undefined,
    rootDevice: provisioned?.rootDevices[isManagement ? "management" : "gpu"] ?? noRootDevice,
    ratedWatts: 0,
    idleWatts: 0,
  };
}

/** The row above every domain of a hall that holds nodes. */
export function rowIndexes(site: Site, { nodes }: HallLayout): ReadonlyMap<number, number> {
  const rows = new Map<number, number>();
  for (const { domainIndex } of nodes) {
    if (!rows.has(domainIndex)) {
      let domain: PowerDomain | undefined = site.domains[domainIndex];
      while (domain !== undefined && domain.kind !== "row") {
        domain = site.domains[domain.parentIndex];
      }
      if (domain !== undefined) {
        rows.set(domainIndex, domain.index);
      }
    }
  }
  return rows;
}
