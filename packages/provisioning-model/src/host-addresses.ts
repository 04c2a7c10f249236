import { addressText, type Cidr } from "./cidr.ts";

/** The first addresses of a hall's host and BMC networks are for gateways, switches and the control plane. */
export const reservedAddressCount = 16;

/** Management hosts have the BMC addresses from 16, GPU hosts those from 64, so neither moves the other. */
export const firstGpuAddress = 64;

/** Position of a host's BMC in its hall's network. */
export function bmcOffset(host: {
  readonly isManagement: boolean;
  readonly ordinal: number;
}): number {
  return host.ordinal + (host.isManagement ? reservedAddressCount : firstGpuAddress);
}

export function plannedBmcAddress(bmcNetwork: Cidr, offset: number): string {
  return `redfish-virtualmedia+https://${addressText(bmcNetwork.first + offset)}/redfish/v1/Systems/1`;
}

const plannedMacStart = "02:45:";

/** The BMC's address as a locally administered MAC: unique because no two networks overlap. */
export function plannedMac(bmcNetwork: Cidr, offset: number): string {
  const address = bmcNetwork.first + offset;
  const bytes = [24, 16, 8, 0].map((shift) =>
    ((address >>> shift) & 255).toString(16).padStart(2, "0"),
  );
  return `${plannedMacStart}${bytes.join(":")}`;
}

/** The BMC address that a planned MAC was made of; undefined for the MAC of a real card. */
export function addressInPlannedMac(mac: string): number | undefined {
  return mac.startsWith(plannedMacStart)
    ? Number.parseInt(mac.slice(plannedMacStart.length).replaceAll(":", ""), 16)
    : undefined;
}
