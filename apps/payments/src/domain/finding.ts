/**
 * What a call of the provider has shown about an order's charge. All but `none` and `unclear` are final there; `none`
 * holds only for the moment it was asked, and `unclear` (an error, or no answer in time) says nothing. A captured charge may
 * still be given back or charged back there, by others than this shop; a charge-back may be fought, and won.
 */
export type Finding =
  /** `refunded`: minor units of it that went back since, fewer than all. */
  | { readonly type: 'captured'; readonly refunded?: number }
  | { readonly type: 'declined'; readonly reason: string }
  | { readonly type: 'none' }
  | { readonly type: 'refunded' }
  | { readonly type: 'charged-back' }
  | { readonly type: 'unclear' };
