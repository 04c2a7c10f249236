import type { DomainKind } from "@ertis/site-model";
import type { Located, Place } from "@ertis/site-model/reader";
import type { Cidr } from "./cidr.ts";
import type { HostState, SiteMode } from "./plan.ts";

/** What a provisioning file says, field by field. A field that is missing or wrong is undefined and has been reported. */
export interface ProvisioningDeclaration {
  readonly at: Place;
  readonly siteId: Located<string> | undefined;
  readonly mode: SiteMode;
  readonly registry: string | undefined;
  readonly allowedDomains: readonly string[];
  readonly kubernetesVersion: Located<string> | undefined;
  readonly hostImage: HostImage | undefined;
  readonly networks: NetworkDeclaration | undefined;
  readonly rootDevices: RootDevices | undefined;
  readonly halls: readonly HallDeclaration[];
  readonly oversubscription: readonly OversubscriptionDeclaration[];
  readonly oversubscriptionAt: Place;
  readonly clusters: ReadonlyMap<string, ClusterDeclaration>;
  readonly hostStates: ReadonlyMap<string, Located<HostState | undefined>>;
}

export interface HostImage {
  readonly url: string;
  readonly sha256: string;
}

export type NetworkName = "bmc" | "hosts" | "pods" | "services";

/** One block of a site, cut into equal slices for its halls. */
export interface NetworkBlock {
  readonly block: Cidr;
  readonly prefixPerHall: number;
  readonly at: Place;
}

export interface NetworkDeclaration {
  /** A registered site has no `bmc`. */
  readonly blocks: ReadonlyMap<NetworkName, NetworkBlock>;
  /** Registered sites: where the API server of the cluster that stands there answers. */
  readonly controlPlaneAddress: Located<number> | undefined;
}

export interface RootDevice {
  readonly minSizeGigabytes: number;
  readonly rotational: boolean;
}

export interface RootDevices {
  readonly management: RootDevice;
  readonly gpu: RootDevice;
}

/** What halls that hold mostly one node class have in common. */
export interface HallDeclaration {
  readonly at: Place;
  /** Undefined: of all halls that no other entry names. */
  readonly nodeClass: Located<string> | undefined;
  readonly controlPlaneCount: number;
  readonly storageCount: number;
  readonly rowsPerFeed: number;
}

export interface OversubscriptionDeclaration {
  readonly at: Place;
  readonly kind: DomainKind;
  /** Undefined: of all domains of the kind that no other entry names. */
  readonly nodeClass: Located<string> | undefined;
  readonly ratio: number;
}

/** Where one cluster differs from its site. */
export interface ClusterDeclaration {
  readonly at: Place;
  readonly kubernetesVersion: Located<string> | undefined;
  readonly hostImage: HostImage | undefined;
  /** Which slices of the site's networks it has, from 0; undefined: by its place in the site file. */
  readonly slice: number | undefined;
}
