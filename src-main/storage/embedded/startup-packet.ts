/**
 * What a client says before the first typed message.
 *
 * https://www.postgresql.org/docs/18/protocol-message-formats.html (StartupMessage, SSLRequest, GSSENCRequest,
 * CancelRequest)
 */
import { ProtocolViolation } from './protocol-violation.ts';
import { readString } from './wire-frames.ts';

const CANCEL_REQUEST = 80877102;
const SSL_REQUEST = 80877103;
const GSS_REQUEST = 80877104;
const PROTOCOL_MAJOR = 3;

export type StartupPacket =
  | { kind: 'startup'; parameters: Map<string, string> }
  /** A request for TLS or GSS encryption, answered with 'N': between threads there is nothing to encrypt. */
  | { kind: 'encryption' }
  | { kind: 'cancel'; pid: number; secret: number };

/** @throws ProtocolViolation */
export function readStartupPacket(packet: Buffer): StartupPacket {
  if (packet.length < 8) throw new ProtocolViolation('startup packet is too short');
  const code = packet.readInt32BE(4);
  if (code === SSL_REQUEST || code === GSS_REQUEST) return { kind: 'encryption' };
  if (code === CANCEL_REQUEST) {
    if (packet.length < 16) throw new ProtocolViolation('cancel request is too short');
    return { kind: 'cancel', pid: packet.readInt32BE(8), secret: packet.readInt32BE(12) };
  }
  if (code >> 16 !== PROTOCOL_MAJOR) throw new ProtocolViolation(`unsupported protocol ${code >> 16}.${code & 0xffff}`);
  return { kind: 'startup', parameters: readParameters(packet) };
}

function readParameters(packet: Buffer): Map<string, string> {
  const parameters = new Map<string, string>();
  let offset = 8;
  while (offset < packet.length && packet[offset] !== 0) {
    const name = readString(packet, offset);
    const value = readString(packet, name.next);
    parameters.set(name.value, value.value);
    offset = value.next;
  }
  return parameters;
}
