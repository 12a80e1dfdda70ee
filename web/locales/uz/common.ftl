product-name = Nazorat

layout-skip = Asosiy qismga oʻtish
layout-side = Tashkilot va menyu
layout-main-menu = Menyu
layout-short-menu = Qisqa menyu
layout-breadcrumb = Siz turgan joy
layout-search = Xodim yoki kompyuterni qidirish
layout-theme = Ranglar
layout-language = Til
layout-account = Hisobingiz
layout-sign-out = Chiqish
layout-alerts = { $count ->
    [0] Ogohlantirishlar, ochigʻi yoʻq
    [one] Ogohlantirishlar, { $count } ta ochiq
   *[other] Ogohlantirishlar, { $count } ta ochiq
}
theme-light = Yorugʻ
theme-dark = Qorongʻi
theme-auto = Qurilmadagidek

nav-overview = Umumiy
nav-people = Xodimlar
nav-departments = Boʻlimlar
nav-doors = Eshiklar
nav-desk = Qorovul stoli
nav-devices = Qurilmalar
nav-group-computers = Kompyuterlar
nav-activity = Faollik
nav-computers = Kompyuterlar
nav-unassigned = Hali bogʻlanmagan
nav-categories = Nima foydali sanaladi
nav-group-system = Tizim
nav-organizations = Tashkilotlar
nav-operators = Operatorlar
nav-gateways = Shlyuzlar
nav-api-keys = API kalitlari
nav-dead-letters = Rad etilgan hodisalar
nav-storage = Xotira va saqlash muddati
nav-audit = Audit jurnali
nav-settings = Sozlamalar
nav-about = Dastur haqida
nav-more = Yana

role-admin = Administrator
role-hr = Kadrlar
role-department-lead = Boʻlim boshligʻi
role-guard = Qorovul

complete-to = Barcha maʼlumot { $time } gacha toʻliq
complete-sentence = { $time } gacha toʻliq. Navbat boʻsh.
complete-waiting = { $count ->
    [one] { $time } gacha toʻliq. { $count } ta hodisa navbatda.
   *[other] { $time } gacha toʻliq. { $count } ta hodisa navbatda.
}
complete-missing = Maʼlumotning bir qismi oʻqilmadi
complete-none = Hali maʼlumot yoʻq

action-save = Saqlash
action-cancel = Bekor qilish
action-delete = Oʻchirish
action-edit = Tahrirlash
action-add = Qoʻshish
action-create = Yaratish
action-back = Orqaga
action-continue = Davom etish
action-close = Yopish
action-open = Ochish
action-search = Qidirish
action-show = Koʻrsatish
action-all = Hammasi
action-all-count = Hammasi: { $count }
action-show-more = Yana { $count } tasini koʻrsatish
action-export = Eksport
action-import = Roʻyxatni yuklash
action-columns = Ustunlar
action-copy = Nusxalash
action-copied = Nusxalandi
action-try-again = Qayta urinish
action-clear-filters = Filtrlarni tozalash
action-remove-filter = { $name } filtrini olib tashlash
action-choose-day = Kunni tanlash
action-as-table = Jadval
action-link = Bogʻlash
action-unlink = Uzish
action-revoke = Bekor qilish
action-undo = Qaytarish
action-retry-all = Hammasini qayta urinish
action-sign-in = Kirish

today = Bugun
yesterday = Kecha
week = Hafta
month = Oy
year = Yil
day = Kun
now = hozir
now-at = hozir { $time }
none = yoʻq
unknown = nomaʼlum
optional = ixtiyoriy
yes = ha
no = yoʻq
at-least = kamida
since-time = { $time } dan beri
as-of = soat { $time } holatiga
live-as-of = jonli, soat { $time } holatiga
from-to = { $from }–{ $to }
of-total = { $total } dan
range-of = { $total } dan { $from }–{ $to }
picked = { $count ->
    [one] { $count } ta tanlandi
   *[other] { $count } ta tanlandi
}

people-count = { $count ->
    [one] { $count } kishi
   *[other] { $count } kishi
}
computers-count = { $count ->
    [one] { $count } ta kompyuter
   *[other] { $count } ta kompyuter
}
events-count = { $count ->
    [one] { $count } ta hodisa
   *[other] { $count } ta hodisa
}
records-count = { $count ->
    [one] { $count } ta yozuv
   *[other] { $count } ta yozuv
}
days-count = { $count ->
    [one] { $count } kun
   *[other] { $count } kun
}

state-useful = Foydali
state-neutral = Betaraf
state-distracting = Chalgʻituvchi
state-no-input = Kiritish yoʻq
state-locked = Qulflangan
state-no-data = Maʼlumot yoʻq
state-active = Band
state-off = Kompyuter oʻchiq
state-at-computer = kompyuterda
state-at-computer-since = { $time } dan beri kompyuterda
state-no-input-since = { $time } dan beri kiritish yoʻq
state-locked-since = { $time } dan beri qulflangan
state-seen-today = bugun koʻrilgan, oxirgi marta { $time } da
state-not-seen = bugun koʻrilmagan
light-ok = joyida
light-way = yoʻlda
light-look = eʼtibor bering
light-bad = ishlamayapti
light-off = oʻchiq, kutilmaydi

loading = Yuklanmoqda
nothing-found = Hech narsa topilmadi
nothing-found-for = “{ $query }” boʻyicha hech narsa topilmadi
error-not-loaded = Bu qism yuklanmadi
error-not-loaded-server = Qurilma xato bilan javob berdi. Filtrlar saqlandi.
error-not-loaded-offline = Qurilma bilan aloqa yoʻq. Tarmoqni tekshiring, filtrlar saqlandi.
error-code-line = Kod { "{" }code{ "}" } · soʻrov { "{" }request{ "}" }
error-summary = Bu maydonlarni tekshiring
error-required = Bu maydonni toʻldiring.
error-incomplete = Maʼlumotning bir qismi oʻqilmadi va chetga olindi.
view-recorded = Koʻrish jurnalga yoziladi
shown-once = Hozir nusxalab oling. U faqat bir marta koʻrsatiladi.

shortcuts-title = Tugmalar
shortcut-search = Qidirish
shortcut-list = Shu roʻyxat
shortcut-previous-next = Oldingi va keyingi kun yoki oy
shortcut-segment = Kunning oldingi va keyingi boʻlagi
shortcut-lane = Boshqa qatordagi oʻsha payt
shortcut-zoom = Yaqinroq va uzoqroq
shortcuts-switch = Bir tugmali buyruqlar yoqilgan

unit-hours = { $hours } soat
unit-minutes = { $minutes } daq
unit-seconds = { $seconds } s
unit-hours-minutes = { $hours } soat { $minutes } daq
unit-percent = { $value } %
unit-percent-less = <1 %
unit-bytes = { $value } B
unit-kilobytes = { $value } KB
unit-megabytes = { $value } MB
unit-gigabytes = { $value } GB
unit-terabytes = { $value } TB
number-decimal = ,

# $weekday and $month are the words below; $month is the form that stands after a day.
date-day-long = { $weekday }, { $day }-{ $month }
date-day = { $day }-{ $month }
date-day-year = { $year }-yil { $day }-{ $month }
date-day-short = { $weekday } { $day }
date-month = { $year }-yil { $month }
date-time = { $date }, { $time }

weekday-1 = dushanba
weekday-2 = seshanba
weekday-3 = chorshanba
weekday-4 = payshanba
weekday-5 = juma
weekday-6 = shanba
weekday-7 = yakshanba
weekday-short-1 = Du
weekday-short-2 = Se
weekday-short-3 = Ch
weekday-short-4 = Pa
weekday-short-5 = Ju
weekday-short-6 = Sh
weekday-short-7 = Ya
month-1 = yanvar
month-2 = fevral
month-3 = mart
month-4 = aprel
month-5 = may
month-6 = iyun
month-7 = iyul
month-8 = avgust
month-9 = sentabr
month-10 = oktabr
month-11 = noyabr
month-12 = dekabr
month-of-1 = yanvar
month-of-2 = fevral
month-of-3 = mart
month-of-4 = aprel
month-of-5 = may
month-of-6 = iyun
month-of-7 = iyul
month-of-8 = avgust
month-of-9 = sentabr
month-of-10 = oktabr
month-of-11 = noyabr
month-of-12 = dekabr
month-short-1 = yan
month-short-2 = fev
month-short-3 = mar
month-short-4 = apr
month-short-5 = may
month-short-6 = iyn
month-short-7 = iyl
month-short-8 = avg
month-short-9 = sen
month-short-10 = okt
month-short-11 = noy
month-short-12 = dek
