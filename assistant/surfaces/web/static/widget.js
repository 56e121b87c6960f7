const TEXTS = __TEXTS__;
