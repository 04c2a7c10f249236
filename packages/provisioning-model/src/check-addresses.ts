import type { Located, Problems } from "@ertis/site-model/reader";
import { type Cidr, cidrText, contains, parseAddress } from "./cidr.ts";
import type { ClusterDraft } from "./cluster-draft.ts";
import { addressInPlannedMac } from "./host-addresses.ts";
import type { SiteParts } from "./parse-plans.ts";
import type { Host } from "./plan.ts";
import { clusterOfFile, type Delivery } from "./read-deliveries.ts";

interface Listed {
  readonly problems: Problems;
  readonly delivery: Delivery;
}

type AddressField = "bootMac" | "bmcAddress";

const words: Readonly<Record<AddressField, string>> = {
  bootMac: "boot MAC",
  bmcAddress: "BMC address",
};

/**
 * Boot MACs and BMC addresses of delivery lists are unique among themselves and beside the planned ones, and
 * a BMC answers in its hall's BMC network. One message for a value: the first that is true.
 */
export function checkAddresses(sites: readonly SiteParts[]): void {
  const all: Listed[] = sites.flatMap(({ deliveries }) =>
    deliveries.flatMap(({ problems, hosts }) => hosts.map((delivery) => ({ problems, delivery }))),
  );
  const clusters = sites.flatMap((site) => site.clusters);
  const doubles = new Set([...checkDoubles(all, "bootMac"), ...checkDoubles(all, "bmcAddress")]);
  checkPlanned(all, clusters, doubles);
}

/** Where a BMC answers and which system it means, without the protocol. */
function keyOf(text: string): string {
  return text.replace(/^[^:]*:\/\//, "").toLowerCase();
}

function valueOf(delivery: Delivery, field: AddressField): Located<string> | undefined {
  return field === "bootMac" ? delivery.bootMac : delivery.bmcAddress;
}

/** Gives the values that an earlier host has, too. */
function checkDoubles(all: readonly Listed[], field: AddressField): ReadonlySet<Located<string>> {
  const firsts = new Map<string, Listed>();
  const doubles = new Set<Located<string>>();
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
      doubles.add(found);
      const line = valueOf(first.delivery, field)?.at.line ?? first.delivery.at.line;
      listed.problems.add(
        found.at,
        `${words[field]} ${found.value} of ${listed.delivery.hostName} is also that of ${first.delivery.hostName} at ${first.delivery.file}:${line}: correct one of them`,
      );
    }
  }
  return doubles;
}

function checkPlanned(
  all: readonly Listed[],
  clusters: readonly ClusterDraft[],
  doubles: ReadonlySet<Located<string>>,
): void {
  const planned = new PlannedHosts(clusters, all);
  for (const { problems, delivery } of all) {
    const { bootMac, bmcAddress, hostName } = delivery;
    const mac = addressInPlannedMac(bootMac.value);
    const macOwner = mac === undefined ? undefined : planned.at(mac, "bootMac", bootMac.value);
    if (macOwner !== undefined && macOwner.name !== hostName && !doubles.has(bootMac)) {
      problems.add(
        bootMac.at,
        `boot MAC ${bootMac.value} of ${hostName} is the planned one of ${macOwner.name} (${macOwner.source.file}:${macOwner.source.line}): write what is printed on the card`,
      );
    }
    const bmc = bmcAddress === undefined ? undefined : addressOf(bmcAddress.value);
    if (bmcAddress === undefined || bmc === undefined || doubles.has(bmcAddress)) {
      continue;
    }
    const owner = planned.at(bmc, "bmcAddress", bmcAddress.value);
    if (owner !== undefined && owner.name !== hostName) {
      problems.add(
        bmcAddress.at,
        `BMC address ${bmcAddress.value} of ${hostName} is the planned one of ${owner.name} (${owner.source.file}:${owner.source.line}): correct it, or give that host its own bmcAddress too`,
      );
      continue;
    }
    const network = planned.networkOf(delivery);
    if (network !== undefined && !contains(network, { first: bmc, prefixLength: 32 })) {
      problems.add(
        bmcAddress.at,
        `BMC address ${bmcAddress.value} of ${hostName} lies outside ${cidrText(network)}, the BMC network of its hall: correct it, or widen or move networks.bmc in the provisioning file`,
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

type DraftWithBmcs = ClusterDraft & { readonly bmcNetwork: Cidr };

/** Hosts that keep a planned value, found by the network that it lies in. */
class PlannedHosts {
  readonly #clusters: readonly DraftWithBmcs[];
  readonly #networks: ReadonlyMap<string, Cidr>;
  /** Names of hosts whose delivery list gives a BMC address. */
  readonly #withOwnBmc: ReadonlySet<string>;
  readonly #hosts = new Map<ClusterDraft, ReadonlyMap<string, Host>>();

  constructor(clusters: readonly ClusterDraft[], all: readonly Listed[]) {
    this.#clusters = clusters.flatMap(({ plan, bmcNetwork }) =>
      bmcNetwork === undefined ? [] : [{ plan, bmcNetwork }],
    );
    this.#networks = new Map(this.#clusters.map(({ plan, bmcNetwork }) => [plan.name, bmcNetwork]));
    this.#withOwnBmc = new Set(
      all.flatMap(({ delivery }) => (delivery.bmcAddress === undefined ? [] : [delivery.hostName])),
    );
  }

  /** The BMC network of the hall that a list is of. */
  networkOf({ file }: Delivery): Cidr | undefined {
    return this.#networks.get(clusterOfFile(file));
  }

  at(address: number, field: AddressField, value: string): Host | undefined {
    const cluster = this.#clusters.find(({ bmcNetwork }) =>
      contains(bmcNetwork, { first: address, prefixLength: 32 }),
    );
    if (cluster === undefined) {
      return undefined;
    }
    const hosts = this.#hosts.get(cluster) ?? this.#byPlannedValue(cluster.plan.hosts);
    this.#hosts.set(cluster, hosts);
    return hosts.get(field === "bootMac" ? value : keyOf(value));
  }

  /** Only what is planned: a delivered value would hide the planned one that it repeats. */
  #byPlannedValue(hosts: readonly Host[]): ReadonlyMap<string, Host> {
    const byValue = new Map<string, Host>();
    for (const host of hosts) {
      if (!host.isDelivered) {
        byValue.set(host.bootMac, host);
      }
      if (!this.#withOwnBmc.has(host.name)) {
        byValue.set(keyOf(host.bmcAddress), host);
      }
    }
    return byValue;
  }
}
