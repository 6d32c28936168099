/** The score server as this backend calls it: over mutual TLS, with a certificate of its own. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { credentials, loadPackageDefinition } from "@grpc/grpc-js";
import { loadFileDescriptorSetFromBuffer } from "@grpc/proto-loader";

const DESCRIPTORS = new URL("../../generated/gateway/scorewire.binpb", import.meta.url);

const messages = loadFileDescriptorSetFromBuffer(readFileSync(DESCRIPTORS), {
  longs: String,
  arrays: true,
});
const { ScoreService } = /** @type {any} */ (loadPackageDefinition(messages)).scorewire.score.v1;

/** Certificates that are not there, or are none: what is said of them names the file. */
export class Unusable extends Error {}

/**
 * Where the score server is, and who calls it.
 *
 * @typedef {object} Connection
 * @property {string} address host:port
 * @property {string} certs the folder with ca.pem, <identity>.pem and <identity>.key
 * @property {string} identity whose certificate this backend shows
 * @property {string} server the URI SAN that the score server's certificate has
 */

/**
 * A client of the score server. Certificates are read each time, so that renewed ones are taken. Throws `Unusable`.
 *
 * @param {Connection} connection
 */
export function connect(connection) {
  const { hostname, pathname } = new URL(connection.server);
  const options = { "grpc.ssl_target_name_override": `${pathname.slice(1)}.${hostname}` }; // an address is no name in TLS
  return new ScoreService(connection.address, shown(connection), options);
}

function shown(/** @type {Connection} */ { certs, identity, server }) {
  const checkServerIdentity = (/** @type {string} */ _host, /** @type {{ subjectaltname?: string }} */ peer) =>
    identified(peer.subjectaltname, server);
  try {
    const [ca, key, certificate] = ["ca.pem", `${identity}.key`, `${identity}.pem`].map((name) =>
      readFileSync(join(certs, name)),
    );
    return credentials.createSsl(ca, key, certificate, { checkServerIdentity });
  } catch (/** @type {any} */ error) {
    throw new Unusable(`${identity} has no certificate in ${certs} that can be used: ${error.message}`);
  }
}

/**
 * How long the server asks to wait, in milliseconds: the `RetryInfo` in an error's details.
 *
 * @param {{ metadata?: import("@grpc/grpc-js").Metadata }} error
 * @returns {number}
 */
export function askedMs({ metadata }) {
  const [packed] = metadata?.get("grpc-status-details-bin") ?? [];
  if (!Buffer.isBuffer(packed)) return 0;
  const retry = read("google.rpc.Status", packed).details.find((/** @type {any} */ { type_url }) =>
    type_url.endsWith("/google.rpc.RetryInfo"),
  );
  const { seconds = 0, nanos = 0 } = (retry && read("google.rpc.RetryInfo", retry.value).retry_delay) ?? {};
  return Number(seconds) * 1_000 + nanos / 1e6;
}

// Not by the name of a host: behind the gateway a server is who its certificate says, in its one URI SAN.
function identified(/** @type {string | undefined} */ names, /** @type {string} */ server) {
  const uris = names?.split(", ").filter((name) => name.startsWith("URI:"));
  return uris?.length === 1 && uris[0] === `URI:${server}` ? undefined : new Error(`it is not ${server} but ${names}`);
}

function read(/** @type {string} */ name, /** @type {Buffer} */ packed) {
  const { deserialize } = /** @type {import("@grpc/proto-loader").MessageTypeDefinition<any, any>} */ (messages[name]);
  return deserialize(packed);
}
