/**
 * The result of a call to the provider about an order's charge. All but `none` and `unclear` are final there; `none`
 * holds only for the moment of the call, and `unclear` (an error, or no answer in time) says nothing. A captured charge
 * may still be refunded by the provider or charged back by the bank; a chargeback may be disputed, and won.
 */
export type ProviderResult =
  /** `refunded`: minor units refunded since, fewer than all. */
  | { readonly type: 'captured'; readonly refunded?: number }
  | { readonly type: 'declined'; readonly reason: string }
  | { readonly type: 'none' }
  | { readonly type: 'refunded' }
  | { readonly type: 'charged-back' }
  | { readonly type: 'unclear' };
