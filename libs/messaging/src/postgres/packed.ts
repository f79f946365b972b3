import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { jsonIn } from '../envelope.js';

/** The fastest level that still finds repetitions, with a window of 64 kB, and memory to match. */
const OPTIONS = {
  chunkSize: 4_096,
  params: { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_windowLog]: 16 },
};

/** JSON compressed by zstd. The messages of one commit are similar, so at most an eighth of the bytes remains. */
export const packed = (json: string): Buffer => zstdCompressSync(json, OPTIONS);

/** The parsed JSON; if these bytes cannot be unpacked, a text of their hexadecimal digits, which is no valid message. */
export function unpacked(bytes: Buffer): unknown {
  try {
    return jsonIn(zstdDecompressSync(bytes).toString());
  } catch {
    return `\\x${bytes.toString('hex')}`;
  }
}
