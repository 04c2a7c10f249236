import type { Located, Problems } from "@ertis/site-model/reader";
import { type Cidr, contains, parseAddress } from "./cidr.ts";
import type { ClusterDraft } from "./cluster-draft.ts";
import { addressInPlannedMac } from "./host-addresses.ts";
import type { SiteParts } from "./parse-plans.ts";
import type { Host } from "./plan.ts";
import type { Delivery } from "./read-deliveries.ts";

interface Listed {
  readonly problems: Problems;
  readonly delivery: Delivery;
}

type AddressField = "bootMac" | "bmcAddress";

const words: Readonly<Record<AddressField, string>> = {
  bootMac: "boot MAC",
  bmcAddress: "BMC address",
};

/** Boot MACs and BMC addresses of delivery lists are unique among themselves and beside the planned ones. */
export function checkAddresses(sites: readonly SiteParts[]): void {
  const all: Listed[] = sites.flatMap(({ deliveries }) =>
    deliveries.flatMap(({ problems, hosts }) => hosts.map((delivery) => ({ problems, delivery }))),
  );
  const clusters = sites.flatMap((site) => site.clusters);
  checkDoubles(all, "bootMac");
  checkDoubles(all, "bmcAddress");
  checkPlanned(all, clusters);
}

/** Where a BMC answers and which system it means, without the protocol. */
function keyOf(text: string): string {
  return text.replace(/^[^:]*:\/\//, "").toLowerCase();
}

function valueOf(delivery: Delivery, field: AddressField): Located<string> | undefined {
  return field === "bootMac" ? delivery.bootMac : delivery.bmcAddress;
}

function checkDoubles(all: readonly Listed[], field: AddressField): void {
  const firsts = new Map<string, Listed>();
  for (const listed of all) {
    const found = valueOf(listed.delivery, field);
    if (found === undefined) {
      continue;
    }
    const key = field === "bmcAddress" ? keyOf(found.value) : found.value;
    const first = firsts.get(key);
    if (first === undefined) {
      firsts.set(key, listed);
    } else {
      const line = valueOf(first.delivery, field)?.at.line ?? first.delivery.at.line;
      listed.problems.add(
        found.at,
        `${words[field]} ${found.value} of ${listed.delivery.hostName} is also that of ${first.delivery.hostName} at ${first.delivery.file}:${line}: correct one of them`,
      );
    }
  }
}

function checkPlanned(all: readonly Listed[], clusters: readonly ClusterDraft[]): void {
  const planned = new PlannedHosts(clusters);
  for (const { problems, delivery } of all) {
    const mac = addressInPlannedMac(delivery.bootMac.value);
    const macOwner =
      mac === undefined ? undefined : planned.at(mac, "bootMac", delivery.bootMac.value);
    if (macOwner !== undefined && macOwner.name !== delivery.hostName) {
      problems.add(
        delivery.bootMac.at,
        `boot MAC ${delivery.bootMac.value} of ${delivery.hostName} is the planned one of ${macOwner.name} (${macOwner.source.file}:${macOwner.source.line}): write what is printed on the card`,
      );
    }
    const { bmcAddress } = delivery;
    const bmc = bmcAddress === undefined ? undefined : addressOf(bmcAddress.value);
    if (bmcAddress === undefined || bmc === undefined) {
      continue;
    }
    const owner = planned.at(bmc, "bmcAddress", bmcAddress.value);
    if (owner !== undefined && owner.name !== delivery.hostName) {
      problems.add(
        bmcAddress.at,
        `BMC address ${bmcAddress.value} of ${delivery.hostName} is the planned one of ${owner.name} (${owner.source.file}:${owner.source.line}): correct it, or give that host its own bmcAddress too`,
      );
    }
  }
}

/** The IPv4 address of a BMC; undefined for a name. */
function addressOf(text: string): number | undefined {
  const [host = ""] = keyOf(text).split(/[:/]/);
  const parsed = parseAddress(host);
  return "value" in parsed ? parsed.value : undefined;
}

/** Hosts that keep a planned value, found by the network that it lies in. */
class PlannedHosts {
  readonly #clusters: readonly (ClusterDraft & { readonly bmcNetwork: Cidr })[];
  readonly #hosts = new Map<ClusterDraft, ReadonlyMap<string, Host>>();

  constructor(clusters: readonly ClusterDraft[]) {
    this.#clusters = clusters.flatMap(({ plan, bmcNetwork }) =>
      bmcNetwork === undefined ? [] : [{ plan, bmcNetwork }],
    );
  }

  at(address: number, field: AddressField, value: string): Host | undefined {
    const cluster = this.#clusters.find(({ bmcNetwork }) =>
      contains(bmcNetwork, { first: address, prefixLength: 32 }),
    );
    if (cluster === undefined) {
      return undefined;
    }
    const hosts = this.#hosts.get(cluster) ?? hostsByAddress(cluster.plan.hosts);
    this.#hosts.set(cluster, hosts);
    const found = hosts.get(field === "bootMac" ? value : keyOf(value));
    // Two delivered values that are equal are reported as doubles.
    const isPlanned = found !== undefined && (field === "bmcAddress" || !found.isDelivered);
    return isPlanned ? found : undefined;
  }
}

function hostsByAddress(hosts: readonly Host[]): ReadonlyMap<string, Host> {
  const byAddress = new Map<string, Host>();
  for (const host of hosts) {
    byAddress.set(host.bootMac, host);
    byAddress.set(keyOf(host.bmcAddress), host);
  }
  return byAddress;
}
