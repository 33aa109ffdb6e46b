/** The client does not speak the protocol; its session ends with SQLSTATE 08P01. */
export class ProtocolViolation extends Error {
  readonly code = '08P01';

  constructor(message: string) {
    super(message);
    this.name = 'ProtocolViolation';
  }
}
