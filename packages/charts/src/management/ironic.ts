import type { SitePlan } from "@ertis/provisioning-model";
import { siteImage } from "../images/site-image.ts";
import { externalSecret } from "../kinds/external-secrets.ts";
import type { Manifest } from "../manifest.ts";
import { certificate } from "./certificates.ts";
import { managementNamespaces } from "./namespaces.ts";

const namespace = managementNamespaces.bareMetal;
const apiSecretName = "ironic-api";
const bmcCaSecretName = "bmc-ca";

/** Ironic's release and its image; the operator knows the two newest stable ones. */
export const ironicVersion = "35.0";
const ironicImage: string = `quay.io/metal3-io/ironic:release-${ironicVersion}`;

/** Where the system is that hosts are booted with: beside the host images, for both kinds of processors. */
export function agentFiles(plan: SitePlan): readonly {
  readonly architecture: "x86_64" | "aarch64";
  readonly kernel: string;
  readonly initramfs: string;
}[] {
  const agent = new URL("ironic-python-agent/", plan.hostImage.url).href;
  return (["x86_64", "aarch64"] as const).map((architecture) => ({
    architecture,
    kernel: `${agent}${ironicVersion}/${architecture}.kernel`,
    initramfs: `${agent}${ironicVersion}/${architecture}.initramfs`,
  }));
}

/**
 * Ironic, which boots hosts over virtual media: their BMCs fetch it over TLS, and no DHCP is needed.
 */
export function ironicManifests(plan: SitePlan): readonly Manifest[] {
  return [
    externalSecret({
      metadata: { name: apiSecretName, namespace },
      remoteKey: "management/ironic",
      properties: ["username", "password"],
      type: "kubernetes.io/basic-auth",
    }),
    // BMCs prove themselves with certificates of the sites' own authority.
    externalSecret({
      metadata: { name: bmcCaSecretName, namespace },
      remoteKey: "management/bmc-ca",
      properties: ["ca.crt"],
    }),
    certificate({
      name: "ironic",
      namespace,
      dnsNames: [`ironic.${namespace}.svc`, `ironic.${namespace}.svc.cluster.local`],
    }),
    {
      apiVersion: "ironic.metal3.io/v1alpha1",
      kind: "Ironic",
      metadata: { name: "ironic", namespace },
      spec: {
        version: ironicVersion,
        apiCredentialsName: apiSecretName,
        // The downloader would fetch the agent from the internet.
        deployRamdisk: { disableDownloader: true },
        images: { ironic: siteImage(plan.registry, ironicImage) },
        networking: { apiPort: 6385, imageServerPort: 6180, imageServerTLSPort: 6183 },
        overrides: { agentImages: agentFiles(plan) },
        tls: {
          certificateName: "ironic-tls",
          bmcCA: { kind: "Secret", name: bmcCaSecretName },
          disableVirtualMediaTLS: false,
        },
      },
    },
  ];
}
