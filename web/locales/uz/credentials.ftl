# Xodimlarning kartalari va yuzlari.
credentials-title = Kartalar va yuz
credentials-open = Kartalar va yuz
credentials-text = Bu xodimga eshiklarni nima ochadi: kartalar va yuzni taniydigan terminallar uchun yuz surati.
credentials-inactive = Bu xodim faol emas.
credentials-inactive-text = Kartalar va yuz shu yerda saqlanadi, lekin xodim yana faol boʻlguncha terminallarda turmaydi.

cards-title = Kartalar
cards-count = { $count ->
    [one] { $count } ta karta
   *[other] { $count } ta karta
}
cards-none = Hali karta yoʻq
cards-none-text = Shu yerda qoʻshilgan karta bu xodimga ruxsat berilgan eshiklarni ochadi.
cards-number = Karta raqami
cards-number-hint = Kartani USB oʻqigichga tuting yoki raqamini yozing: 8106606, 123,45678 yoki 04:A2:2F:B2.
cards-label = Belgi
cards-label-hint = Kartalarni farqlash uchun, masalan “zaxira”.
cards-state = Holati
cards-usable = Amal qiladi
cards-blocked = Bloklangan
cards-since = Qoʻshilgan
cards-actions = Amallar
cards-block = Bloklash
cards-unblock = Blokdan chiqarish
cards-remove = Olib tashlash…
cards-add = Kartani qoʻshish
cards-remove-title = { $number } raqamli karta olib tashlansinmi?
cards-remove-doors = U endi eshiklarni ochmaydi ({ $name }), uni boshqa xodimga berish mumkin boʻladi.
cards-remove-log = U bilan qilingan oʻtishlar jurnalda qoladi.
cards-remove-instead = Yoʻqolgan kartani bloklagan maʼqul: shunda uni adashib hech kimga berib boʻlmaydi.
cards-remove-do = { $number } raqamli kartani olib tashlash
cards-remove-keep = Kartani qoldirish

face-title = Yuz
face-note = Yuzni taniydigan terminallar uchun
face-none = Hali yuz surati yoʻq
face-none-text = Surat boʻlsa, yuzni taniydigan terminallar eshikni kartasiz ochadi.
face-show = Yuzni koʻrsatish
face-recorded = Koʻrilgani yozib qoʻyiladi.
face-alternative = { $name }: yuz surati
face-since = Qoʻshilgan
face-by = Kim qoʻshgan
face-size = Piksellar
face-bytes = Hajmi
face-file = Surat
face-replace = Boshqa surat
face-hint = 5 MB gacha JPEG yoki PNG, eni va boʻyi kamida 240 piksel. Bir kishi, toʻgʻridan, bir tekis yorugʻlikda.
face-upload = Suratni yuklash
face-replace-do = Yuzni almashtirish
face-remove = Olib tashlash…
face-remove-title = { $name }: yuz surati olib tashlansinmi?
face-remove-doors = Terminallar bu yuzni endi tanimaydi ({ $name }). Kartalar eshiklarni ochaveradi.
face-remove-for-good = Surat oʻchiriladi va uni qaytarib boʻlmaydi.
face-remove-do = Yuzni olib tashlash
face-remove-keep = Yuzni qoldirish
face-not-received = Surat toʻliq kelmadi. Uni yana tanlang.

done-card-added = { $name } raqamli karta qoʻshildi
done-card-blocked = { $name } raqamli karta bloklandi
done-card-unblocked = { $name } raqamli karta yana eshiklarni ochadi
done-card-removed = { $name } raqamli karta olib tashlandi
done-face-set = Yuz surati saqlandi
done-face-removed = Yuz surati olib tashlandi

error-card-number-missing = Kartani oʻqigichga tuting yoki raqamini yozing.
error-card-number-letters = Karta raqamida faqat raqamlar va lotin harflari boʻladi. Xato yozilmaganini tekshiring.
error-card-number-too-long = Terminallar 32 tagacha harf va raqamli karta raqamini qabul qiladi.
error-card-number-zero = Nol karta yoʻqligini bildiradi. Kartada yozilgan raqamni kiriting.
error-card-number-facility = Vergulgacha va verguldan keyin 65535 gacha son turadi, masalan 123,45678.
error-card-label = Belgi 60 tagacha harfli bitta satr boʻladi.
error-card-taken = Bu karta allaqachon boshqa xodimniki.
error-card-taken-by = Bu karta allaqachon shu xodimniki: { $name }.
error-too-many-cards = Bir xodimda koʻpi bilan oʻnta karta boʻladi. Avval bittasini olib tashlang.
error-face-too-large = Surat 5 MB dan katta. Avval uni kichraytiring.
error-face-unsupported = Bu JPEG yoki PNG surat emas. Boshqa fayl tanlang.
error-face-broken = Surat buzilgan. Uni qaytadan saqlang yoki boshqasini tanlang.
error-face-too-many-pixels = Suratda 40 megapikseldan koʻp. Avval uni kichraytiring.
error-face-too-small = Surat yuzni tanish uchun juda kichik: eni va boʻyi kamida 240 piksel boʻlsin.
error-face-too-long = Surat juda choʻzilgan. Uni yuzgacha qirqing: bir tomoni boshqasidan koʻpi bilan uch baravar uzun boʻlsin.
error-face-lost = Surat yoʻqolgan. Uni qaytadan yuklang.
