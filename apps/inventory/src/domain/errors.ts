import { CodedError } from '@seam/kernel';

export const unknownSku = (sku: string): CodedError =>
  new CodedError('not-found', 'INVENTORY.UNKNOWN_SKU', `No stock is tracked for ${sku}`);
